//! The secrets that deliveries are signed with.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::hex::{bytes_from_hex, hex};
use crate::time::Timestamp;

/// How long a secret still signs after it was replaced, in seconds: a day, in which the receiver
/// learns the new one.
pub const FORMER_SECRET_SECONDS: i64 = 24 * 3_600;

/// The maximum number of former secrets that sign in addition to the present one.
pub const FORMER_SECRETS_MAX: usize = 3;

/// A secret that deliveries are signed with: 256 random bits (Standard Webhooks asks for 192 to
/// 512).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct WebhookSecret([u8; Self::BYTES]);

impl WebhookSecret {
    pub const BYTES: usize = 32;

    /// Creates a secret from these random bytes.
    #[must_use]
    pub const fn new(random: [u8; Self::BYTES]) -> Self {
        Self(random)
    }

    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WebhookSecret(…)")
    }
}

impl From<WebhookSecret> for String {
    fn from(secret: WebhookSecret) -> Self {
        hex(&secret.0)
    }
}

impl TryFrom<String> for WebhookSecret {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        bytes_from_hex(&text).map(Self).ok_or("a secret is 64 hexadecimal digits")
    }
}

/// A former secret, and until when it signs in addition to the new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerSecret {
    pub secret: WebhookSecret,
    /// The time until which it signs.
    pub until: Timestamp,
}
