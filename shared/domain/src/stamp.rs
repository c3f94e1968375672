//! The moment and the randomness of one change, handed in from outside.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::hex::{bytes_from_hex, hex};
use crate::id::{EventId, NoteId, UUID_RANDOM_BYTES};
use crate::time::Timestamp;

/// Random bytes a [`Stamp`] is made of: those of the entry's id and those of its salt.
pub const STAMP_RANDOM_BYTES: usize = UUID_RANDOM_BYTES + Salt::BYTES;

/// The moment and the random bytes of one log entry.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    at: Timestamp,
    id: [u8; UUID_RANDOM_BYTES],
    salt: Salt,
}

impl Stamp {
    /// The stamp of that moment, made of those random bytes.
    #[must_use]
    pub fn new(at: Timestamp, random: [u8; STAMP_RANDOM_BYTES]) -> Self {
        let mut id = [0; UUID_RANDOM_BYTES];
        let mut salt = [0; Salt::BYTES];
        id.copy_from_slice(&random[..UUID_RANDOM_BYTES]);
        salt.copy_from_slice(&random[UUID_RANDOM_BYTES..]);
        Self { at, id, salt: Salt(salt) }
    }

    /// When an entry happened that follows one of that moment. Clocks of functions differ by milliseconds and a comment and the
    /// reopening it brings share one; within a log, times and the ids made of them rise all the same.
    #[must_use]
    pub fn at_after(&self, last: Option<Timestamp>) -> Timestamp {
        last.map_or(self.at, |last| self.at.max(last.plus_milliseconds(1)))
    }

    /// The id of an entry of that moment.
    #[must_use]
    pub fn id_at(&self, at: Timestamp) -> EventId {
        EventId::new(at, self.id)
    }

    /// The moment of what is in no log.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The id of a note of that moment.
    #[must_use]
    pub fn note_id(&self) -> NoteId {
        NoteId::new(self.at, self.id)
    }

    /// What the entry's texts are digested with.
    #[must_use]
    pub const fn salt(&self) -> Salt {
        self.salt
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
        bytes_from_hex(&text).map(Self).ok_or("a salt is 32 hexadecimal digits")
    }
}
