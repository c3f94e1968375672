//! Folds a log into the head, which follows from the entries alone.
//!
//! Texts are accepted as they are stored: a rule made later for new texts does not break a log.

use super::head::Head;
use super::priority::Priority;
use crate::lifecycle::{EventType, Status};
use crate::log::{Field, FieldChange, FieldValue, LogEntry};
use crate::text::{Category, Tag, Title};
use crate::user::Person;

impl Head {
    /// Returns the head after an entry, given the head before it. `before` is `None` for the first
    /// entry. Returns `None` if the entry cannot follow or is invalid.
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

    /// Applies the new value of a change.
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

/// An error: the value is not valid for its field.
struct InvalidFieldValue;

/// Parses the value, if there is one.
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
