//! The document as a tree whose references are followed.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::yaml;

/// An OpenAPI document.
#[derive(Clone, Debug)]
pub struct Document(Value);

/// A place in the document. A reference is never a place: it leads to the one it names.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    document: &'a Document,
    /// The JSON pointer of the place (RFC 6901).
    pointer: String,
    value: &'a Value,
}

impl Document {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let document = Self(yaml::parse(text)?);
        match document.first_dangling(&document.0) {
            Some(reference) => Err(format!("{reference} leads nowhere")),
            None => Ok(document),
        }
    }

    /// Returns the document as JSON.
    #[must_use]
    pub const fn json(&self) -> &Value {
        &self.0
    }

    /// Returns the place at this path of member names from the root.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<Node<'_>> {
        let root = Node { document: self, pointer: String::new(), value: &self.0 };
        path.iter().try_fold(root, |node, name| node.child(name))
    }

    /// Returns the first reference that does not lead to a place in this document.
    fn first_dangling<'a>(&'a self, value: &'a Value) -> Option<&'a str> {
        match value {
            Value::Object(members) => {
                let reference = members.get("$ref").and_then(Value::as_str);
                let dangling = reference
                    .filter(|reference| reference.strip_prefix('#').and_then(|place| self.0.pointer(place)).is_none());
                dangling.or_else(|| members.values().find_map(|value| self.first_dangling(value)))
            }
            Value::Array(items) => items.iter().find_map(|value| self.first_dangling(value)),
            _ => None,
        }
    }
}

impl<'a> Node<'a> {
    /// Returns the member or, for a list, the item of this name.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<Self> {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        let pointer = format!("{}/{escaped}", self.pointer);
        let value = self.value.pointer(&format!("/{escaped}"))?;
        Some(Self { document: self.document, pointer, value }.followed())
    }

    /// Returns every member with its name, or every item with its index.
    pub fn children(&self) -> impl Iterator<Item = (String, Self)> {
        let names: Vec<String> = match self.value {
            Value::Object(members) => members.keys().cloned().collect(),
            Value::Array(items) => (0..items.len()).map(|index| index.to_string()).collect(),
            _ => Vec::new(),
        };
        names.into_iter().filter_map(|name| Some((name.clone(), self.child(&name)?)))
    }

    /// Returns the same as [`Node::children`] without what is only referred to.
    pub fn children_here(&self) -> impl Iterator<Item = (String, Self)> {
        let below = format!("{}/", self.pointer);
        self.children().filter(move |(_, child)| child.pointer.starts_with(&below))
    }

    /// Returns what stands here.
    #[must_use]
    pub const fn value(&self) -> &'a Value {
        self.value
    }

    /// Returns the text of a member.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.value.get(name)?.as_str()
    }

    /// Returns whether a member is `true`.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.value.get(name) == Some(&Value::Bool(true))
    }

    /// Returns the place as the fragment of a URI (RFC 6901 §6).
    #[must_use]
    pub fn fragment(&self) -> String {
        let parts = self.pointer.split('/').map(|part| utf8_percent_encode(part, NON_ALPHANUMERIC).to_string());
        format!("#{}", parts.collect::<Vec<_>>().join("/"))
    }

    /// Returns the place that this one refers to, if it is a reference.
    fn followed(self) -> Self {
        let Some(pointer) = self.text("$ref").and_then(|reference| reference.strip_prefix('#')) else { return self };
        match self.document.0.pointer(pointer) {
            Some(value) => Self { document: self.document, pointer: pointer.to_owned(), value }.followed(),
            None => self,
        }
    }
}
