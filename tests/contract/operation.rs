//! The operations: a method on a path each.

use serde_json::Value;

use crate::{Document, Node};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// A method on a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its `operationId`.
    pub id: String,
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: String,
}

/// Returns every operation, in the order of the paths and of [`METHODS`].
pub(crate) fn all(document: &Document) -> Result<Vec<Operation>, String> {
    let paths = document.at(&["paths"]).ok_or("it has no `paths`")?;
    let mut operations = Vec::new();
    for (path, item) in paths.children() {
        for method in METHODS {
            let Some(node) = item.child(&method.to_lowercase()) else { continue };
            let id = node.text("operationId").ok_or_else(|| format!("{method} {path} has no operationId"))?.to_owned();
            if operations.iter().any(|other: &Operation| other.id == id) {
                return Err(format!("{id} is the operationId of two operations"));
            }
            operations.push(Operation { id, method, path: path.clone() });
        }
    }
    Ok(operations)
}

impl Operation {
    /// Returns its place in the document.
    #[must_use]
    pub fn node<'a>(&self, document: &'a Document) -> Option<Node<'a>> {
        document.at(&["paths", &self.path, &self.method.to_lowercase()])
    }

    /// Returns the statuses of its answers.
    #[must_use]
    pub fn statuses(&self, document: &Document) -> Vec<u16> {
        let responses = self.node(document).and_then(|node| node.child("responses"));
        let names = responses.iter().flat_map(Node::children);
        names.filter_map(|(status, _)| status.parse().ok()).collect()
    }

    /// Returns whether it is called without credentials.
    #[must_use]
    pub fn is_public(&self, document: &Document) -> bool {
        let node = self.node(document);
        node.and_then(|node| node.value().get("security").and_then(Value::as_array)).is_some_and(Vec::is_empty)
    }

    /// Returns the values of the path's parameters, if the path is this operation's.
    pub(crate) fn parameters_in<'a>(&'a self, path: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
        if self.path.split('/').count() != path.split('/').count() {
            return None;
        }
        let mut parameters = Vec::new();
        for (expected, actual) in self.path.split('/').zip(path.split('/')) {
            match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) if !actual.is_empty() => parameters.push((name, actual)),
                None if expected == actual => {}
                _ => return None,
            }
        }
        Some(parameters)
    }
}
