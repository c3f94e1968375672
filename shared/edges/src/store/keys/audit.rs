//! The keys of audit entries in the index, where a partition holds the entries of a month.

use std::fmt;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::EventId;
use domain::time::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use super::{BY_STATUS, Item, Key, PK};

/// A calendar month in UTC, written as `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Month {
    first_day: Date,
}

impl Month {
    /// The month from which on entries are written. Without it, a list would look for entries in
    /// every month back to 1970.
    pub(crate) const AUDIT_BEGAN: Self = Self { first_day: date(2026, 11, 1) };

    /// Returns the month of that time.
    pub(crate) fn of(at: Timestamp) -> Self {
        let moment = jiff::Timestamp::from_millisecond(at.unix_milliseconds()).unwrap_or_default();
        Self { first_day: TimeZone::UTC.to_datetime(moment).date().first_of_month() }
    }

    /// Returns the month before. Returns `None` for the first that a date can have.
    pub(crate) fn previous(self) -> Option<Self> {
        self.first_day.yesterday().ok().map(|day| Self { first_day: day.first_of_month() })
    }

    /// Returns the hash key of the month's audit entries.
    pub(crate) fn audit_key(self) -> String {
        format!("AUDIT#{self}")
    }
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}", self.first_day.year(), self.first_day.month())
    }
}

impl FromStr for Month {
    type Err = ();

    /// Accepts only what [`Month`]'s `Display` writes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let month = Self { first_day: format!("{text}-01").parse().map_err(|_| ())? };
        if month.to_string() == text { Ok(month) } else { Err(()) }
    }
}

/// Returns all keys of the item of an audit entry, including those of the index.
pub(crate) fn audit_keys(key: &Key, entry: EventId) -> Item {
    let mut keys = key.to_item();
    let mut add = |attribute: &str, value: String| {
        keys.insert(attribute.to_owned(), AttributeValue::S(value));
    };
    add(BY_STATUS.hash, Month::of(entry.at()).audit_key());
    add(BY_STATUS.range, entry.to_string());
    keys
}

/// A position in the list of all audit entries, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AuditPosition {
    /// After this entry, whose item is in this partition of the table.
    After { key: Key, entry: EventId },
    /// At the newest entry of the month.
    At(Month),
}

impl AuditPosition {
    /// Returns the position after the entry of an item.
    pub(crate) fn after(item: &Item) -> Option<Self> {
        let text = |attribute: &str| item.get(attribute)?.as_s().ok();
        Self::parse_after(text(PK)?, text(BY_STATUS.range)?)
    }

    fn parse_after(partition: &str, entry: &str) -> Option<Self> {
        let entry: EventId = entry.parse().ok()?;
        let key = match partition.split_once('#')? {
            ("USER", user) => Key::user_audit(user.parse().ok()?, entry),
            ("WEBHOOK", webhook) => Key::webhook_audit(webhook.parse().ok()?, entry),
            _ => return None,
        };
        Some(Self::After { key, entry })
    }

    /// Reads a position. Accepts only what `Display` writes.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.split_once('/') {
            Some((partition, entry)) => Self::parse_after(partition, entry),
            None => text.parse().ok().map(Self::At),
        }
    }

    /// Returns the month of the position.
    pub(crate) fn month(&self) -> Month {
        match self {
            Self::After { entry, .. } => Month::of(entry.at()),
            Self::At(month) => *month,
        }
    }

    /// Returns the item at the position, as a query expects it to start after.
    pub(crate) fn start(&self) -> Option<Item> {
        match self {
            Self::After { key, entry } => Some(audit_keys(key, *entry)),
            Self::At(_) => None,
        }
    }
}

impl fmt::Display for AuditPosition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After { key, entry } => write!(formatter, "{}/{entry}", key.pk),
            Self::At(month) => month.fmt(formatter),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::id::{UUID_RANDOM_BYTES, UserId, WebhookId};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_is_that_of_utc_and_follows_the_one_before() {
        for (time, month, before) in [
            ("2026-11-01T00:00:00Z", "2026-11", "2026-10"),
            ("2026-11-30T23:59:59.999Z", "2026-11", "2026-10"),
            ("2027-01-31T23:59:59Z", "2027-01", "2026-12"),
            ("2028-03-01T01:00:00+02:00", "2028-02", "2028-01"),
        ] {
            let found = Month::of(at(time));
            assert_eq!(found.to_string(), month);
            assert_eq!(found.previous().unwrap().to_string(), before);
            assert_eq!(month.parse(), Ok(found));
            assert!(found.previous().unwrap() < found);
        }
        assert_eq!(Month::AUDIT_BEGAN.to_string(), "2026-11");
    }

    #[test]
    fn a_position_has_only_one_spelling() {
        let entry = EventId::new(at("2026-12-24T18:00:00Z"), [3; UUID_RANDOM_BYTES]);
        let user = Key::user_audit(UserId::from_bytes([1; 16]), entry);
        let webhook = Key::webhook_audit(WebhookId::from_bytes([1; 16]), entry);
        for key in [user, webhook] {
            let position = AuditPosition::after(&audit_keys(&key, entry)).unwrap();
            assert_eq!(position, AuditPosition::After { key: key.clone(), entry });
            assert_eq!(AuditPosition::parse(&position.to_string()), Some(position.clone()));
            assert_eq!(position.start(), Some(audit_keys(&key, entry)));
            assert_eq!(position.month().to_string(), "2026-12");
        }
        let month = AuditPosition::At(Month::AUDIT_BEGAN);
        assert_eq!(AuditPosition::parse("2026-11"), Some(month.clone()));
        assert_eq!((month.to_string().as_str(), month.start()), ("2026-11", None));
        let id = "01010101-0101-0101-0101-010101010101";
        for text in [
            String::new(),
            "2026-13".to_owned(),
            "2026-1".to_owned(),
            "+2026-11".to_owned(),
            "2026-11-01".to_owned(),
            "/".to_owned(),
            format!("USER#{id}"),
            format!("USER#{id}/"),
            format!("USER#{id}/{id}/"),
            format!("user#{id}/{id}"),
            format!("TICKET#{id}/{id}"),
            format!("USER#x/{id}"),
        ] {
            assert_eq!(AuditPosition::parse(&text), None, "{text}");
        }
    }
}
