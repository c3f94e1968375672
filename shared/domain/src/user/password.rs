//! Passwords, and the credentials typed to sign in.

use std::fmt;

use serde_json::Value;

use super::common::is_common;
use super::email::EmailAddress;
use crate::field::{Faults, FromField};
use crate::normal::opaque_string;
use crate::text::trimmed;

/// A password that may be set, normalised so that all ways to type it are the same
/// ([`opaque_string`]). It is never logged, shown, truncated or case-folded.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The minimum length of a new password, in characters (OWASP ASVS 5.0 6.2.1 asks for 8 and
    /// advises 15).
    pub const CHARACTERS_MIN: usize = 12;
    /// The maximum length, in characters (OWASP ASVS 5.0 6.2.9 asks to allow at least 64).
    pub const CHARACTERS_MAX: usize = 256;

    /// Parses a new password.
    ///
    /// # Errors
    /// Returns a sentence that says what is wrong with it, without repeating it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = opaque_string(text).into_owned();
        let length = text.chars().count();
        if !(Self::CHARACTERS_MIN..=Self::CHARACTERS_MAX).contains(&length) {
            let (min, max) = (Self::CHARACTERS_MIN, Self::CHARACTERS_MAX);
            return Err(format!("must be {min} to {max} characters long, but is {length}"));
        }
        if is_common(&text) {
            return Err("is too common: choose another password".to_owned());
        }
        Ok(Self(text))
    }

    /// Returns the bytes to hash.
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
        Ok(Self::parse(&String::from_field(value)?)?)
    }
}

/// An address typed to sign in, without surrounding invisible characters. It is at most as long as
/// one that can be registered.
#[derive(Clone, Debug)]
pub struct SignInEmail(String);

impl SignInEmail {
    /// Returns the form in which addresses are compared.
    #[must_use]
    pub fn normalised(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromField for SignInEmail {
    fn from_field(value: Value) -> Result<Self, Faults> {
        let max = EmailAddress::CHARACTERS_MAX;
        bounded(trimmed(&String::from_field(value)?).to_owned(), max).map(Self)
    }
}

/// A password typed to sign in. It is at most as long as one that can be set, so that the cost of
/// hashing is bounded.
#[derive(Clone)]
pub struct SignInPassword {
    normal: String,
    /// The password as typed, if that differs. Before passwords were normalised, this form was
    /// hashed.
    typed: Option<String>,
}

impl SignInPassword {
    pub(super) fn new(typed: String) -> Self {
        let normal = opaque_string(&typed).into_owned();
        let typed = Some(typed).filter(|typed| *typed != normal);
        Self { normal, typed }
    }

    /// Returns the bytes to compare with a hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.normal.as_bytes()
    }

    /// Returns the bytes as typed, if they differ. A hash made before passwords were normalised may
    /// be of these.
    #[must_use]
    pub fn as_typed(&self) -> Option<&[u8]> {
        self.typed.as_deref().map(str::as_bytes)
    }
}

impl fmt::Debug for SignInPassword {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SignInPassword(…)")
    }
}

impl FromField for SignInPassword {
    fn from_field(value: Value) -> Result<Self, Faults> {
        let password = Self::new(String::from_field(value)?);
        let max = Password::CHARACTERS_MAX;
        // Either form may be the one that was set: normalising makes most texts shorter, and a few
        // longer.
        let fits = |text: &str| text.chars().count() <= max;
        if fits(&password.normal) || password.typed.as_deref().is_some_and(fits) {
            Ok(password)
        } else {
            Err(format!("must be at most {max} characters long").into())
        }
    }
}

fn bounded(text: String, max: usize) -> Result<String, Faults> {
    if text.chars().count() > max { Err(format!("must be at most {max} characters long").into()) } else { Ok(text) }
}
