//! E-mail addresses.

use email_address::{EmailAddress as Syntax, Options};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::field::{Faults, FromField};
use crate::text::trimmed;

/// An e-mail address of at most 254 characters (RFC 5321 §4.5.3.1.3 less the angle brackets). It is
/// kept as written, without surrounding invisible characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The longest address accepted, in characters.
    pub const CHARACTERS_MAX: usize = 254;

    /// Parses an address that mail can be sent to.
    ///
    /// # Errors
    /// Returns a sentence that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let address = Self::parse_for_lookup(text)?;
        // A quoted local part may hold spaces and control characters (RFC 5321 §4.1.2), and the
        // syntax of a domain allows more than a host name does (RFC 1123 §2.1). SES delivers to
        // none of these, so their owners would get no notifications.
        if !address.0.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("must not contain spaces or control characters, not even in quotes".to_owned());
        }
        let domain = address.0.rsplit('@').next().unwrap_or_default();
        if !domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')) {
            return Err("must end in a domain of letters, digits, hyphens and dots, such as example.org".to_owned());
        }
        Ok(address)
    }

    /// Parses an address to look up an account by. It may be one that was accepted before
    /// [`EmailAddress::parse`] had all of its rules.
    ///
    /// # Errors
    /// Returns a sentence that says what is wrong with it.
    pub fn parse_for_lookup(text: &str) -> Result<Self, String> {
        let text = trimmed(text);
        let length = text.chars().count();
        if length > Self::CHARACTERS_MAX {
            return Err(format!("must be at most {} characters long, but is {length}", Self::CHARACTERS_MAX));
        }
        // SES delivers to no other addresses (SES API v2, `Destination`), so their owners would get
        // no notifications.
        if !text.is_ascii() {
            return Err(
                "must contain only ASCII characters; write the domain in Punycode, such as xn--bcher-kva.example"
                    .to_owned(),
            );
        }
        let options = Options::default().without_display_text().without_domain_literal().with_required_tld();
        Syntax::parse_with_options(text, options)
            .map_err(|_| "must be an e-mail address such as ana@example.org".to_owned())?;
        Ok(Self(text.to_owned()))
    }

    /// Wraps a stored address, whatever the present rules are.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the address as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the domain, in lower case.
    #[must_use]
    pub fn domain(&self) -> String {
        self.0.rsplit('@').next().unwrap_or_default().to_lowercase()
    }

    /// Returns the form in which addresses are compared: two that differ only in case are the same.
    #[must_use]
    pub fn normalised(&self) -> String {
        self.0.to_lowercase()
    }
}

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from_stored)
    }
}

impl FromField for EmailAddress {
    fn from_field(value: Value) -> Result<Self, Faults> {
        Ok(Self::parse(&String::from_field(value)?)?)
    }
}
