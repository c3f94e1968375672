//! The contract of the HTTP API, `docs/openapi.yaml`, and whether an exchange fits it.

pub mod breaking;
pub mod coverage;
mod document;
mod examples;
mod exchange;
mod operation;
mod schemas;
mod yaml;

pub use document::{Document, Node};
pub use exchange::{Exchange, Seen};
pub use operation::Operation;
pub use yaml::as_json;

use std::path::Path;

use schemas::Schemas;

/// The contract: its document, its operations, and its schemas as validators.
#[derive(Debug)]
pub struct Contract {
    pub document: Document,
    pub operations: Vec<Operation>,
    schemas: Schemas,
}

impl Contract {
    /// Reads `docs/openapi.yaml` below `root`.
    ///
    /// # Errors
    /// When the file cannot be read or is not an OpenAPI document. The text says why.
    pub fn read(root: &Path) -> Result<Self, String> {
        let path = root.join("docs/openapi.yaml");
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::parse(&text).map_err(|error| format!("docs/openapi.yaml: {error}"))
    }

    /// Reads the text of an OpenAPI document.
    ///
    /// # Errors
    /// When it is not valid YAML, refers to something that it lacks, or has no operations.
    pub fn parse(text: &str) -> Result<Self, String> {
        let document = Document::parse(text)?;
        let operations = operation::all(&document)?;
        let schemas = Schemas::of(&document)?;
        Ok(Self { document, operations, schemas })
    }

    /// Returns why a value does not fit the schema at this node: one line for each reason.
    #[must_use]
    pub fn misfits(&self, schema: &Node<'_>, value: &serde_json::Value) -> Vec<String> {
        self.schemas.misfits(schema, value)
    }
}

#[cfg(test)]
mod tests;
