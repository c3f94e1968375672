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
#[cfg(test)]
mod tests;
mod ticket;

pub use account::{AccountEvent, AccountEventKind, Concerned, PasswordChanged};
pub use envelope::UnreadableEvent;
pub use note::{NoteEvent, NoteEventData};
pub use ticket::{EventData, TicketEvent};

use crate::id::EventId;
use crate::time::Timestamp;

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
