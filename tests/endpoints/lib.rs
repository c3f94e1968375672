//! The description of each endpoint, and the files that are derived from it.
//!
//! Three places are written by people: the operations of docs/openapi.yaml, the resources of
//! template.yaml, and the rows of this package. `cargo regenerate` writes the derived files, and a
//! test fails when they are out of date.

pub mod expected;
pub mod generate;
pub mod row;
pub mod table;

use std::path::{Path, PathBuf};

/// Returns the root of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).unwrap_or(manifest).to_owned()
}
