//! Builds the functions that are measured.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds a function with the profile that `beside` was built with, and returns its binary.
pub(crate) fn build_beside(beside: &Path, function: &str) -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--locked", "--package", "helpdesk", "--bin", function])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .status();
    assert!(built.unwrap().success());
    beside.with_file_name(function)
}
