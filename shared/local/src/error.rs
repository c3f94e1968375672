//! One error type: a sentence for a person.

use std::fmt;

/// Why the local stack could not do something: one plain sentence that says what to do where something can be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl Error {
    /// An error that says `sentence`.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

pub type Result<T> = std::result::Result<T, Error>;

/// Turns another library's error into ours: "<what> failed: <their text>".
pub(crate) fn during<E: fmt::Display>(what: impl fmt::Display) -> impl FnOnce(E) -> Error {
    move |error| Error::new(format!("{what} failed: {error}"))
}
