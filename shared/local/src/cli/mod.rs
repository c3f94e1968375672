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

/// Returns the root of the workspace that this program was built from.
pub(crate) fn workspace() -> PathBuf {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).map_or(manifest.clone(), PathBuf::from)
}

/// The directory of `cargo local`'s data, relative to the root of the workspace.
pub(crate) const DATA: &str = ".local";
/// The file in it that holds the address of the mails.
pub(crate) const MAILS: &str = "mails.url";
