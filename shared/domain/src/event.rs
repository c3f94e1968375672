//! The envelope in which what happened travels: CloudEvents 1.0 in JSON. [`TicketEvent`] tells of a log entry, [`NoteEvent`] of an
//! internal note, [`AccountEvent`] of a change of an account. `docs/asyncapi.yaml` describes them for consumers.
//!
//! Attributes this code does not know are extensions, which CloudEvents asks to be ignored; an unknown `specversion`,
//! `source`, `type` or `dataschema` is refused.
//!
//! A ticket's event says what happened to which ticket, who did it and whom it may concern. It carries no text of the ticket: whoever is told
//! reads that where their right to it is checked.

mod account;
mod envelope;
mod note;

use serde::{Deserialize, Serialize};

pub use account::{AccountEvent, AccountEventKind, Concerned, PasswordChanged};
use envelope::{Kind, Letter};
pub use note::{NoteEvent, NoteEventData};

use crate::id::{EventId, TicketNumber, UserId};
use crate::lifecycle::Status;
use crate::log::{EventType, Field, FieldValue, LogEntry};
use crate::time::Timestamp;
use crate::user::Person;

const KIND: Kind = Kind { type_prefix: "helpdesk.ticket.", data_schema: "/schemas/ticket-event/1" };

/// Whatever happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// To a ticket, in its log.
    Ticket(TicketEvent),
    /// To a ticket, beside its log.
    Note(NoteEvent),
    /// To an account.
    Account(AccountEvent),
}

impl Event {
    /// Identifies the event.
    #[must_use]
    pub const fn id(&self) -> EventId {
        match self {
            Self::Ticket(event) => event.id,
            Self::Note(event) => event.id,
            Self::Account(event) => event.id,
        }
    }

    /// When it happened.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Ticket(event) => event.at,
            Self::Note(event) => event.at,
            Self::Account(event) => event.at,
        }
    }

    /// The event as it is sent.
    ///
    /// # Errors
    /// Never for an event of this type; serde's signature asks for it.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        match self {
            Self::Ticket(event) => event.to_json(),
            Self::Note(event) => event.to_json(),
            Self::Account(event) => event.to_json(),
        }
    }

    /// The event that was sent as this text.
    ///
    /// # Errors
    /// [`UnreadableEvent`].
    pub fn from_json(text: &str) -> Result<Self, UnreadableEvent> {
        let event_type = envelope::type_of(text)?;
        match event_type.split('.').nth(1) {
            Some("ticket") => TicketEvent::from_json(text).map(Self::Ticket),
            Some("note") => NoteEvent::from_json(text).map(Self::Note),
            Some("account") => AccountEvent::from_json(text).map(Self::Account),
            _ => Err(UnreadableEvent::Unknown { what: "type", value: event_type }),
        }
    }
}

/// Something happened to a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketEvent {
    /// Identifies the event, and the log entry it tells of.
    pub id: EventId,
    /// What happened.
    pub event_type: EventType,
    /// When it happened.
    pub at: Timestamp,
    /// To which ticket, and who is concerned.
    pub data: EventData,
}

/// What an event tells beside what and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventData {
    /// The ticket.
    pub ticket: TicketNumber,
    /// The place of the event in the ticket's log: consumers order by it, not by arrival.
    pub seq: u64,
    /// Who did it.
    pub actor: Person,
    /// Whose ticket it is.
    pub requester_id: UserId,
    /// Who is assigned now.
    pub assignee_id: Option<UserId>,
    /// Who was assigned before, if this event changed that.
    pub former_assignee_id: Option<UserId>,
    /// Where the ticket stood before.
    pub from_status: Option<Status>,
    /// Where it stands now.
    pub to_status: Option<Status>,
}

/// Why an envelope cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableEvent {
    /// It is not JSON of this form.
    #[error("not an event: {0}")]
    Malformed(#[from] serde_json::Error),
    /// It is of a kind or version this code does not know.
    #[error("an event of unknown {what}: {value}")]
    Unknown {
        /// Which part of it is unknown.
        what: &'static str,
        /// That part.
        value: String,
    },
}

impl TicketEvent {
    /// The event that tells of a log entry.
    #[must_use]
    pub fn of(entry: &LogEntry) -> Self {
        Self {
            id: entry.id,
            event_type: entry.event_type,
            at: entry.at,
            data: EventData {
                ticket: entry.ticket,
                seq: entry.seq,
                actor: entry.actor.clone(),
                requester_id: entry.requester_id,
                assignee_id: entry.assignee_id,
                former_assignee_id: former_assignee(entry),
                from_status: entry.from_status,
                to_status: entry.to_status,
            },
        }
    }

    /// The event as it is sent.
    ///
    /// # Errors
    /// Never for an event of this type; serde's signature asks for it.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        KIND.write(Letter {
            id: self.id,
            event_type: self.event_type.as_str().to_owned(),
            subject: format!("tickets/{}", self.data.ticket),
            at: self.at,
            data: self.data.clone(),
        })
    }

    /// The event that was sent as this text.
    ///
    /// # Errors
    /// [`UnreadableEvent`].
    pub fn from_json(text: &str) -> Result<Self, UnreadableEvent> {
        let letter: Letter<EventData> = KIND.read(text)?;
        let event_type = EventType::ALL.into_iter().find(|event_type| letter.event_type == event_type.as_str());
        let event_type = event_type.ok_or_else(|| KIND.unknown_type(&letter.event_type))?;
        Ok(Self { id: letter.id, event_type, at: letter.at, data: letter.data })
    }
}

fn former_assignee(entry: &LogEntry) -> Option<UserId> {
    let change = entry.changes.iter().find(|change| change.field == Field::Assignee)?;
    match &change.old {
        Some(FieldValue::Person(person)) => Some(person.id),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
