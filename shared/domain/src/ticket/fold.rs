//! The head is the fold of its log: what it must be, from the entries alone.
//!
//! Texts are taken as they are stored: a log does not break because a rule for new texts was made.

use super::head::Head;
use super::priority::Priority;
use crate::lifecycle::{EventType, Status};
use crate::log::{Field, FieldChange, FieldValue, LogEntry};
use crate::text::{Category, Tag, Title};
use crate::user::Person;

impl Head {
    /// The head after an entry, given the one before it; none before the first. None if the entry cannot follow or makes no sense.
    #[must_use]
    pub fn after(before: Option<Self>, entry: &LogEntry) -> Option<Self> {
        let mut head = match (before, entry.event_type) {
            (None, EventType::Opened) => Self::opened_by(entry)?,
            (Some(head), kind) if kind != EventType::Opened => head,
            _ => return None,
        };
        for change in &entry.changes {
            head.take(change, entry.seq).ok()?;
        }
        if let Some(status) = entry.to_status {
            head.status = status;
            match status {
                Status::Resolved => head.resolved_at = Some(entry.at),
                Status::Closed => head.closed_at = Some(entry.at),
                Status::Open | Status::InProgress => head.resolved_at = None,
            }
        }
        head.advance(entry);
        Some(head)
    }

    fn opened_by(entry: &LogEntry) -> Option<Self> {
        let new = |field| entry.changes.iter().find(|change| change.field == field)?.new.as_ref();
        Some(Self {
            number: entry.ticket,
            title: title(new(Field::Title))?,
            status: Status::Open,
            priority: priority(new(Field::Priority))?,
            category: None,
            tags: Vec::new(),
            requester: person(new(Field::Requester))?,
            assignee: None,
            follow_up_of: None,
            created_at: entry.at,
            updated_at: entry.at,
            resolved_at: None,
            closed_at: None,
            seq: entry.seq,
            hash: entry.hash,
            description_seq: entry.seq,
            resolution_seq: None,
        })
    }

    /// Puts the new value of a change in place.
    fn take(&mut self, change: &FieldChange, seq: u64) -> Result<(), InvalidFieldValue> {
        let new = change.new.as_ref();
        match change.field {
            Field::Title => self.title = title(new).ok_or(InvalidFieldValue)?,
            Field::Description => self.description_seq = seq,
            Field::Priority => self.priority = priority(new).ok_or(InvalidFieldValue)?,
            Field::Category => self.category = optional(new, |value| text(value).map(Category::from_stored))?,
            Field::Tags => self.tags = optional(new, tags)?.unwrap_or_default(),
            Field::Requester => self.requester = person(new).ok_or(InvalidFieldValue)?,
            Field::Assignee => self.assignee = optional(new, |value| person(Some(value)))?,
            Field::Resolution => self.resolution_seq = new.map(|_| seq),
            Field::FollowUpOf => {
                self.follow_up_of = optional(new, |value| match value {
                    FieldValue::Ticket(number) => Some(*number),
                    _ => None,
                })?;
            }
        }
        Ok(())
    }
}

/// A value is none that its field can have.
struct InvalidFieldValue;

/// The value read, if there is one.
fn optional<T>(
    value: Option<&FieldValue>,
    read: impl Fn(&FieldValue) -> Option<T>,
) -> Result<Option<T>, InvalidFieldValue> {
    value.map(|value| read(value).ok_or(InvalidFieldValue)).transpose()
}

fn text(value: &FieldValue) -> Option<String> {
    match value {
        FieldValue::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn title(value: Option<&FieldValue>) -> Option<Title> {
    text(value?).map(Title::from_stored)
}

fn priority(value: Option<&FieldValue>) -> Option<Priority> {
    Priority::named(&text(value?)?)
}

fn person(value: Option<&FieldValue>) -> Option<Person> {
    match value? {
        FieldValue::Person(person) => Some(person.clone()),
        _ => None,
    }
}

fn tags(value: &FieldValue) -> Option<Vec<Tag>> {
    match value {
        FieldValue::Texts(texts) => Some(texts.iter().cloned().map(Tag::from_stored).collect()),
        _ => None,
    }
}
