//! Passwords, and what is typed to sign in.

use std::fmt;

use serde_json::Value;

use super::EmailAddress;
use super::common::is_common;
use crate::field::{Faults, FromField};

/// A password as typed. It is never written, shown, cut or folded.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The shortest password of a new account, in characters (OWASP ASVS 5.0 6.2.1 asks for 8 and advises 15).
    pub const CHARACTERS_MIN: usize = 12;
    /// The longest password, in characters (OWASP ASVS 5.0 6.2.9 asks to allow at least 64).
    pub const CHARACTERS_MAX: usize = 256;

    /// The password of a new account.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it, without repeating it.
    pub fn parse(text: String) -> Result<Self, String> {
        let length = text.chars().count();
        if !(Self::CHARACTERS_MIN..=Self::CHARACTERS_MAX).contains(&length) {
            let (min, max) = (Self::CHARACTERS_MIN, Self::CHARACTERS_MAX);
            return Err(format!("must be {min} to {max} characters, and is {length}"));
        }
        if is_common(&text) {
            return Err("is one of the passwords that are guessed first: choose another".to_owned());
        }
        Ok(Self(text))
    }

    /// The password's bytes, to be hashed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(…)")
    }
}

impl FromField for Password {
    fn from_field(value: Value) -> Result<Self, Faults> {
        Ok(Self::parse(String::from_field(value)?)?)
    }
}

/// An address typed to sign in: at most as long as one that can be registered.
#[derive(Clone, Debug)]
pub struct SignInEmail(String);

impl SignInEmail {
    /// The form in which addresses are compared.
    #[must_use]
    pub fn normalised(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromField for SignInEmail {
    fn from_field(value: Value) -> Result<Self, Faults> {
        let max = EmailAddress::CHARACTERS_MAX;
        bounded(String::from_field(value)?, max).map(Self)
    }
}

/// A password typed to sign in: at most as long as one that can be set, so that hashing it is bounded.
#[derive(Clone)]
pub struct SignInPassword(pub(super) String);

impl SignInPassword {
    /// The password's bytes, to be compared with a hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for SignInPassword {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SignInPassword(…)")
    }
}

impl FromField for SignInPassword {
    fn from_field(value: Value) -> Result<Self, Faults> {
        bounded(String::from_field(value)?, Password::CHARACTERS_MAX).map(Self)
    }
}

fn bounded(text: String, max: usize) -> Result<String, Faults> {
    if text.chars().count() > max { Err(format!("must be at most {max} characters").into()) } else { Ok(text) }
}
