//! The addresses that events are posted to.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::{Host, Url};

use super::address::is_public;
use crate::field::{Faults, FromField};

/// The receivers that are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Receivers on the public internet, over TLS.
    Public,
    /// Public receivers, and those on this machine over any scheme, for use on a laptop.
    PublicOrLoopback,
}

/// The address that events are posted to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct WebhookUrl(Url);

impl WebhookUrl {
    /// The maximum length in bytes, after normalisation.
    pub const BYTES_MAX: usize = 2_000;

    /// Parses an address.
    ///
    /// # Errors
    /// Returns a sentence that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Self(url) = Self::from_stored(text)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not contain a user name or password: they would be stored and shown".to_owned());
        }
        if url.fragment().is_some() {
            return Err("must not contain a fragment: it is never sent".to_owned());
        }
        if url.as_str().len() > Self::BYTES_MAX {
            return Err(format!("must be at most {} bytes long", Self::BYTES_MAX));
        }
        Ok(Self(url))
    }

    /// Reads a stored address. It must be one that can be posted to, but need not meet the present
    /// rules otherwise.
    fn from_stored(text: &str) -> Result<Self, String> {
        let url =
            Url::parse(text).map_err(|error| format!("must be a URL such as https://example.org/hook: {error}"))?;
        if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
            return Err("must start with https://".to_owned());
        }
        Ok(Self(url))
    }

    /// Checks what can be known of the receiver without resolving its name, which is resolved when
    /// connecting.
    ///
    /// # Errors
    /// Returns a sentence that says what is wrong with it.
    pub fn check(&self, reach: Reach) -> Result<(), String> {
        let literal = match self.0.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            Some(Host::Domain(_)) | None => None,
        };
        let here = literal.is_some_and(|address: std::net::IpAddr| address.to_canonical().is_loopback())
            || self.0.host_str() == Some("localhost");
        if reach == Reach::PublicOrLoopback && here {
            return Ok(());
        }
        if self.0.scheme() != "https" {
            return Err("must start with https://".to_owned());
        }
        if here || literal.is_some_and(|address| !is_public(address)) {
            return Err("must be an address on the public internet".to_owned());
        }
        Ok(())
    }

    #[must_use]
    pub const fn as_url(&self) -> &Url {
        &self.0
    }
}

impl From<WebhookUrl> for String {
    fn from(url: WebhookUrl) -> Self {
        url.0.into()
    }
}

impl TryFrom<String> for WebhookUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::from_stored(&text)
    }
}

impl FromField for WebhookUrl {
    fn from_field(value: Value) -> Result<Self, Faults> {
        Ok(Self::parse(&String::from_field(value)?)?)
    }
}
