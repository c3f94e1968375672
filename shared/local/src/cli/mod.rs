//! The command line.

pub(crate) mod admin;
pub(crate) mod arguments;
pub(crate) mod demo;
pub(crate) mod keys;
pub(crate) mod redrive;
pub(crate) mod run;
mod steps;
pub(crate) mod verify;

use std::path::PathBuf;

/// The root of the workspace this program was built from.
pub(crate) fn workspace() -> PathBuf {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).map_or(manifest.clone(), PathBuf::from)
}

/// Where the data of `cargo local` is, from the root of the workspace.
pub(crate) const DATA: &str = ".local";
