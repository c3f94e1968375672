//! The time and the randomness of one change, passed in by the caller.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::hex::{bytes_from_hex, hex};
use crate::id::{EventId, NoteId, UUID_RANDOM_BYTES};
use crate::time::Timestamp;

/// The number of random bytes in a [`Stamp`]: those of the entry's id and those of its salt.
pub const STAMP_RANDOM_BYTES: usize = UUID_RANDOM_BYTES + Salt::BYTES;

/// The time and the random bytes of one log entry.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    at: Timestamp,
    id: [u8; UUID_RANDOM_BYTES],
    salt: Salt,
}

impl Stamp {
    /// Creates a stamp from that time and those random bytes.
    #[must_use]
    pub fn new(at: Timestamp, random: [u8; STAMP_RANDOM_BYTES]) -> Self {
        let mut id = [0; UUID_RANDOM_BYTES];
        let mut salt = [0; Salt::BYTES];
        id.copy_from_slice(&random[..UUID_RANDOM_BYTES]);
        salt.copy_from_slice(&random[UUID_RANDOM_BYTES..]);
        Self { at, id, salt: Salt(salt) }
    }

    /// Returns the time of an entry that follows one at `last`. The clocks of functions differ by
    /// milliseconds, and a comment and the reopening it causes are stamped with the same time.
    /// Within a log, the returned times and the ids made from them still increase.
    #[must_use]
    pub fn at_after(&self, last: Option<Timestamp>) -> Timestamp {
        last.map_or(self.at, |last| self.at.max(last.plus_milliseconds(1)))
    }

    /// Returns the id of an entry at that time.
    #[must_use]
    pub fn id_at(&self, at: Timestamp) -> EventId {
        EventId::new(at, self.id)
    }

    /// Returns the time for something that is in no log.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns the id of a note at the time of the stamp.
    #[must_use]
    pub fn note_id(&self) -> NoteId {
        NoteId::new(self.at, self.id)
    }

    /// Returns the salt of the digests of the entry's texts.
    #[must_use]
    pub const fn salt(&self) -> Salt {
        self.salt
    }
}

/// The salt of the digests of one log entry's texts. It keeps a text from being guessed from a
/// digest that is left after an erasure.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Salt([u8; Salt::BYTES]);

impl Salt {
    /// The length in bytes: 128 random bits (NIST SP 800-132 §5.1 asks for no fewer).
    pub const BYTES: usize = 16;

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
