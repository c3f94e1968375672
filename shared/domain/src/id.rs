//! The identifiers of the help desk, each with its own type.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::field::{Faults, FromField};
use crate::time::Timestamp;

/// The number of random bytes in a version 7 UUID, besides the time (RFC 9562 §5.7).
pub const UUID_RANDOM_BYTES: usize = 10;

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// Creates a version 7 UUID (RFC 9562 §5.7) from that time and those random bytes.
            #[must_use]
            pub fn new(at: Timestamp, random: [u8; UUID_RANDOM_BYTES]) -> Self {
                let milliseconds = u64::try_from(at.unix_milliseconds()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid())
            }

            /// Creates an id from these sixteen bytes, most significant first (RFC 9562 §4).
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// Returns the sixteen bytes of the id, most significant first (RFC 9562 §4).
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// Returns when the id was created, which its first 48 bits hold (RFC 9562 §5.7).
            #[must_use]
            pub fn at(&self) -> Timestamp {
                let milliseconds = self.as_bytes()[..6].iter().fold(0, |sum, byte| (sum << 8) | i64::from(*byte));
                Timestamp::UNIX_EPOCH.plus_milliseconds(milliseconds)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(formatter)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let id = Self(Uuid::try_parse(text).map_err(|_| InvalidId)?);
                // The other spellings that readers of RFC 9562 accept (braces, `urn:uuid:`,
                // capitals) would give one resource two addresses.
                if id.to_string() == text { Ok(id) } else { Err(InvalidId) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }
    )+};
}

uuid_ids! {
    /// The id of a person with an account.
    UserId,
    /// The id of a signed-in device: one family of refresh tokens.
    SessionId,
    /// The id of an entry of a ticket's log, and of the event that reports it.
    EventId,
    /// The id of an internal note of staff on a ticket.
    NoteId,
    /// The id of a webhook, which events are posted to.
    WebhookId,
    /// The id of an API token.
    TokenId,
}

/// An error: the text is not an id in canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is a UUID in lower case with hyphens")]
pub struct InvalidId;

/// The number people know a ticket by: 1, 2, 3 …
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u64", try_from = "u64")]
pub struct TicketNumber(u64);

impl TicketNumber {
    /// The largest ticket number. JSON numbers are exact everywhere up to 2^53 - 1 (RFC 8259 §6).
    /// The limit is lower, at twelve digits, so that zero-padded numbers sort as text.
    pub const MAX: u64 = 999_999_999_999;

    /// Creates a ticket number. Returns `None` for 0 and above [`TicketNumber::MAX`].
    #[must_use]
    pub const fn new(number: u64) -> Option<Self> {
        if number >= 1 && number <= Self::MAX { Some(Self(number)) } else { None }
    }

    /// Returns the number itself.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl From<TicketNumber> for u64 {
    fn from(number: TicketNumber) -> Self {
        number.0
    }
}

impl TryFrom<u64> for TicketNumber {
    type Error = InvalidTicketNumber;

    fn try_from(number: u64) -> Result<Self, Self::Error> {
        Self::new(number).ok_or(InvalidTicketNumber)
    }
}

impl fmt::Display for TicketNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for TicketNumber {
    type Err = InvalidTicketNumber;

    /// Parses the number as [`whole_number`] does, so that a ticket has one address.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        whole_number(text).and_then(Self::new).ok_or(InvalidTicketNumber)
    }
}

/// Parses a whole number in canonical form: only digits, with no sign and no leading zero. Returns
/// `None` for any other text, and above [`u64::MAX`]. So each number has only one spelling.
#[must_use]
pub fn whole_number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let padded = text.len() > 1 && text.starts_with('0');
    if digits && !padded { text.parse().ok() } else { None }
}

/// An error: the text is not the number of any ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a ticket number is a whole number from 1 to {}", TicketNumber::MAX)]
pub struct InvalidTicketNumber;

impl FromField for UserId {
    fn from_field(value: Value) -> Result<Self, Faults> {
        let text = String::from_field(value)?;
        Self::from_str(&text).map_err(|_| "must be the id of a user".to_owned().into())
    }
}

impl FromField for TicketNumber {
    fn from_field(value: Value) -> Result<Self, Faults> {
        value.as_u64().and_then(Self::new).ok_or_else(|| "must be the number of a ticket".to_owned().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_number_has_only_one_spelling() {
        assert_eq!("42".parse(), Ok(TicketNumber(42)));
        assert_eq!("999999999999".parse(), Ok(TicketNumber(TicketNumber::MAX)));
        for text in ["", "0", "042", "+42", "-1", "4 2", "1000000000000", "18446744073709551616", "٤٢"] {
            assert_eq!(text.parse::<TicketNumber>(), Err(InvalidTicketNumber), "{text:?}");
        }
    }

    #[test]
    fn a_ticket_number_is_stored_as_a_number_within_its_bounds() {
        for (text, expected) in [
            ("0", None),
            ("1", Some(1)),
            ("999999999999", Some(TicketNumber::MAX)),
            ("1000000000000", None),
            ("18446744073709551615", None),
            ("-1", None),
            ("1.5", None),
            ("\"1\"", None),
        ] {
            let read = serde_json::from_str::<TicketNumber>(text).ok();
            assert_eq!(read.map(TicketNumber::get), expected, "{text}");
            assert!(read.is_none_or(|number| serde_json::to_string(&number).unwrap() == text), "{text}");
        }
    }

    #[test]
    fn an_id_has_only_one_spelling() {
        let text = "019b76db-9260-7101-8101-0101010101ab";
        let id: EventId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(serde_json::from_str::<EventId>(&format!("\"{text}\"")).unwrap(), id);
        for other in [
            String::new(),
            text.to_uppercase(),
            text.replace("ab", "aB"),
            text.replace('-', ""),
            format!("{{{text}}}"),
            format!("urn:uuid:{text}"),
            format!(" {text}"),
            format!("{text}\n"),
            text.replace("ab", "a"),
            text.replace("ab", "ag"),
            text.replace('-', "_"),
        ] {
            assert_eq!(other.parse::<EventId>(), Err(InvalidId), "{other:?}");
            assert_eq!(EventId::try_from(other.clone()), Err(InvalidId), "{other:?}");
            let refused = serde_json::from_value::<EventId>(serde_json::Value::String(other)).unwrap_err();
            assert_eq!(refused.to_string(), "an id is a UUID in lower case with hyphens");
        }
    }

    #[test]
    fn ids_sort_by_creation_time() {
        let at = |milliseconds| Timestamp::from_unix_milliseconds(milliseconds).unwrap();
        let earlier = EventId::new(at(1_700_000_000_000), [0xff; UUID_RANDOM_BYTES]);
        let later = EventId::new(at(1_700_000_000_001), [0x00; UUID_RANDOM_BYTES]);
        assert!(earlier.to_string() < later.to_string());
        assert_eq!(earlier.to_string().parse::<EventId>().unwrap(), earlier);
        assert_eq!(EventId::from_bytes(*later.as_bytes()), later);
        assert_eq!((earlier.at(), later.at()), (at(1_700_000_000_000), at(1_700_000_000_001)));
    }
}
