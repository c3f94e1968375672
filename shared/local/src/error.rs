//! The error type of the local stack: a sentence for a person.

use std::fmt;
use std::path::Path;

/// The reason why the local stack could not do something, in one plain sentence. It says what to
/// do, if anything can be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl Error {
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

pub type Result<T> = std::result::Result<T, Error>;

/// Converts another library's error: "<what> failed: <their text>".
pub(crate) fn during<E: fmt::Display>(what: impl fmt::Display) -> impl FnOnce(E) -> Error {
    move |error| Error::new(format!("{what} failed: {error}"))
}

/// Converts the error of a file: "Cannot <do> <path>: <their text>."
pub(crate) fn cannot<E: fmt::Display>(act: &str, path: &Path) -> impl FnOnce(E) -> Error {
    move |error| Error::new(format!("Cannot {act} {}: {error}.", path.display()))
}
