//! Addresses that people get mail at.

use email_address::{EmailAddress as Syntax, Options};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::field::{Faults, FromField};
use crate::text::trimmed;

/// An e-mail address of at most 254 characters (RFC 5321 §4.5.3.1.3 less the angle brackets), kept as
/// written, without what stands around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The longest address accepted, in characters.
    pub const CHARACTERS_MAX: usize = 254;

    /// Returns the text as an address that mails can be sent to.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let address = Self::sought(text)?;
        // A quoted local part may hold spaces and control characters (RFC 5321 §4.1.2), and the syntax of a domain more than the
        // name of a host has (RFC 1123 §2.1). SES mails none of these: their owners would be told of nothing.
        if !address.0.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("must have no spaces and no control characters, not even in quotes".to_owned());
        }
        let domain = address.0.rsplit('@').next().unwrap_or_default();
        if !domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')) {
            return Err("must end in a domain of letters, digits, hyphens and dots, such as example.org".to_owned());
        }
        Ok(address)
    }

    /// Returns the text as an address to find an account by. It may be one that was taken before [`EmailAddress::parse`]
    /// had all of its rules.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn sought(text: &str) -> Result<Self, String> {
        let text = trimmed(text);
        let length = text.chars().count();
        if length > Self::CHARACTERS_MAX {
            return Err(format!("must be at most {} characters, and is {length}", Self::CHARACTERS_MAX));
        }
        // SES mails no other addresses (SES API v2, `Destination`): they would be told of nothing.
        if !text.is_ascii() {
            return Err("must have ASCII characters only; write the domain in Punycode, such as xn--bcher-kva.example"
                .to_owned());
        }
        let options = Options::default().without_display_text().without_domain_literal().with_required_tld();
        Syntax::parse_with_options(text, options)
            .map_err(|_| "must be an e-mail address such as ana@example.org".to_owned())?;
        Ok(Self(text.to_owned()))
    }

    /// Takes an address that was stored, whatever today's rules are.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The address as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which addresses are compared: two that differ in case alone are one.
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
