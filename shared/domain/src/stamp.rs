//! The moment and the randomness of one change, handed in from outside.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{EventId, UUID_RANDOM_BYTES};
use crate::log::{bytes_from_hex, hex};
use crate::time::Timestamp;

/// Random bytes a [`Stamp`] is made of: those of the entry's id and those of its salt.
pub const STAMP_RANDOM_BYTES: usize = UUID_RANDOM_BYTES + Salt::BYTES;

/// When a log entry happened, its id, and the salt of its digests.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// When it happened.
    pub at: Timestamp,
    /// The id of the entry.
    pub id: EventId,
    /// What its texts are digested with.
    pub salt: Salt,
}

impl Stamp {
    /// The stamp of that moment, made of those random bytes.
    #[must_use]
    pub fn new(at: Timestamp, random: [u8; STAMP_RANDOM_BYTES]) -> Self {
        let mut id = [0; UUID_RANDOM_BYTES];
        let mut salt = [0; Salt::BYTES];
        id.copy_from_slice(&random[..UUID_RANDOM_BYTES]);
        salt.copy_from_slice(&random[UUID_RANDOM_BYTES..]);
        Self {
            at,
            id: EventId::new(at, id),
            salt: Salt(salt),
        }
    }
}

/// What the texts of one log entry are digested with, so that a digest left behind after an erasure cannot be guessed back.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Salt([u8; Salt::BYTES]);

impl Salt {
    /// 128 random bits (NIST SP 800-132 §5.1 asks for no fewer).
    pub const BYTES: usize = 16;

    /// The bytes of the salt.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Salt(…)")
    }
}

impl From<Salt> for String {
    fn from(salt: Salt) -> Self {
        hex(&salt.0)
    }
}

impl TryFrom<String> for Salt {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        bytes_from_hex(&text)
            .map(Self)
            .ok_or("a salt is 32 hexadecimal digits")
    }
}
