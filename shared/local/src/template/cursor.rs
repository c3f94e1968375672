//! Reads the tree together with the path, so that every error names its place.

use super::node::{Kind, Node};
use crate::{Error, Result};

/// A node and the path to it.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    pub node: &'a Node,
    path: String,
}

impl<'a> Cursor<'a> {
    pub fn root(node: &'a Node) -> Self {
        Self { node, path: String::new() }
    }

    /// Creates an error about this place.
    pub fn error(&self, complaint: impl std::fmt::Display) -> Error {
        Error::new(format!("template.yaml line {}: {} {complaint}.", self.node.line, self.path))
    }

    /// Creates an error which says that the local stack does not support this place.
    pub fn unsupported(&self, what: impl std::fmt::Display) -> Error {
        self.error(format!("{what}, which the local stack does not support"))
    }

    /// Returns the path, for errors that are made after the parse.
    pub fn place(&self) -> String {
        format!("template.yaml line {}: {}", self.node.line, self.path)
    }

    /// Returns a part of the value at this place.
    #[must_use]
    pub fn part(&self, node: &'a Node) -> Self {
        Self { node, path: self.path.clone() }
    }

    fn child(&self, key: &str, node: &'a Node) -> Self {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Self { node, path }
    }

    /// Returns the value under `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<Cursor<'a>> {
        let Kind::Map(entries) = &self.node.kind else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, node)| self.child(key, node))
    }

    /// Returns the value under `key`, which must be there.
    pub fn required(&self, key: &str) -> Result<Cursor<'a>> {
        self.get(key).ok_or_else(|| self.error(format!("has no {key}")))
    }

    /// Returns the entries of a map, in the order they are written.
    pub fn entries(&self) -> Result<Vec<(String, Cursor<'a>)>> {
        let Kind::Map(entries) = &self.node.kind else { return Err(self.error("must be a map")) };
        Ok(entries.iter().map(|(key, node)| (key.clone(), self.child(key, node))).collect())
    }

    /// Returns the entries of a part that may be left out.
    pub fn section(&self, key: &str) -> Result<Vec<(String, Cursor<'a>)>> {
        self.get(key).map_or(Ok(Vec::new()), |section| section.entries())
    }

    pub fn items(&self) -> Result<Vec<Cursor<'a>>> {
        let Kind::List(items) = &self.node.kind else { return Err(self.error("must be a list")) };
        let item = |(index, node)| Self { node, path: format!("{}[{index}]", self.path) };
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// Returns the argument of an intrinsic function at this place, if it is a list of `N` items.
    pub(super) fn list_of<const N: usize>(&self, argument: &'a Node) -> Result<[Self; N]> {
        let items = if let Kind::List(items) = &argument.kind { items.as_slice() } else { &[] };
        let items: Vec<Self> = items.iter().map(|item| self.part(item)).collect();
        items.try_into().map_err(|_| self.error(format!("must be a list of {N} items")))
    }

    pub fn text(&self) -> Result<String> {
        let Kind::Text(text) = &self.node.kind else { return Err(self.error("must be a plain string")) };
        Ok(text.clone())
    }

    /// Returns a literal whole number.
    pub fn integer(&self) -> Result<i64> {
        let Kind::Integer(number) = self.node.kind else { return Err(self.error("must be a plain integer")) };
        Ok(number)
    }

    /// Returns a literal whole number that is not negative.
    pub fn count(&self) -> Result<u32> {
        u32::try_from(self.integer()?).map_err(|_| self.error("must be between 0 and 4294967295"))
    }

    /// Returns a literal boolean.
    pub fn boolean(&self) -> Result<bool> {
        let Kind::Bool(value) = self.node.kind else { return Err(self.error("must be true or false")) };
        Ok(value)
    }

    /// Rejects the first key that is neither in `used` nor in `ignored`.
    pub fn only(&self, used: &[&str], ignored: &[&str]) -> Result<()> {
        for (key, value) in self.entries()? {
            if !used.contains(&key.as_str()) && !ignored.contains(&key.as_str()) {
                return Err(value.unsupported("is set"));
            }
        }
        Ok(())
    }
}
