//! A point in time, to the millisecond, always in UTC.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::field::{Faults, FromField};

/// A point in time in UTC with millisecond precision, written as RFC 3339 with exactly three
/// decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Timestamp {
    unix_milliseconds: i64,
}

impl Timestamp {
    /// 1970-01-01T00:00:00Z, which is before every time stored here.
    pub const UNIX_EPOCH: Self = Self { unix_milliseconds: 0 };

    /// Returns the time that many milliseconds after 1970-01-01T00:00:00Z. `None` outside the years
    /// -9999 to 9999.
    #[must_use]
    pub fn from_unix_milliseconds(unix_milliseconds: i64) -> Option<Self> {
        jiff::Timestamp::from_millisecond(unix_milliseconds).ok().map(|_| Self { unix_milliseconds })
    }

    /// Returns the milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix_milliseconds(self) -> i64 {
        self.unix_milliseconds
    }

    /// Returns the whole seconds since 1970-01-01T00:00:00Z, rounded down: the unit of JWT claims
    /// (RFC 7519 §2) and of DynamoDB's TTL.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.unix_milliseconds.div_euclid(1_000)
    }

    /// Returns the time that many seconds later, clamped to the first or last representable one.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_milliseconds(seconds.saturating_mul(1_000))
    }

    /// Returns the time that many milliseconds later, clamped to the first or last representable
    /// one.
    #[must_use]
    pub fn plus_milliseconds(self, milliseconds: i64) -> Self {
        let (first, last) = (jiff::Timestamp::MIN.as_second() * 1_000, jiff::Timestamp::MAX.as_second() * 1_000);
        Self { unix_milliseconds: self.unix_milliseconds.saturating_add(milliseconds).clamp(first, last) }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = jiff::Timestamp::from_millisecond(self.unix_milliseconds).unwrap_or_default();
        write!(formatter, "{moment:.3}")
    }
}

impl From<Timestamp> for String {
    fn from(moment: Timestamp) -> Self {
        moment.to_string()
    }
}

impl FromStr for Timestamp {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let moment: jiff::Timestamp = text.parse()?;
        Ok(Self { unix_milliseconds: moment.as_millisecond() })
    }
}

impl TryFrom<String> for Timestamp {
    type Error = jiff::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl FromField for Timestamp {
    /// Reads a time in any form of RFC 3339.
    fn from_field(value: Value) -> Result<Self, Faults> {
        let text = String::from_field(value)?;
        text.parse().map_err(|_| "must be a time such as 2027-01-31T12:00:00.000Z".to_owned().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_written_with_milliseconds_and_round_trips() {
        for (milliseconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_700_000_000_001, "2023-11-14T22:13:20.001Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            let moment = Timestamp::from_unix_milliseconds(milliseconds).unwrap();
            assert_eq!(moment.to_string(), text);
            assert_eq!(text.parse::<Timestamp>().unwrap(), moment);
        }
    }

    #[test]
    fn seconds_are_rounded_down_on_both_sides_of_1970() {
        let second_of = |milliseconds| Timestamp::from_unix_milliseconds(milliseconds).unwrap().unix_seconds();
        assert_eq!(second_of(1_999), 1);
        assert_eq!(second_of(-1), -1);
    }

    #[test]
    fn adding_too_much_saturates_at_the_last_timestamp() {
        let far = Timestamp::from_unix_milliseconds(0).unwrap().plus_seconds(i64::MAX);
        assert_eq!(far.to_string(), "9999-12-30T22:00:00.000Z");
    }
}
