//! The envelope of an event: CloudEvents 1.0 in JSON. A [`TicketEvent`] reports a log entry, a
//! [`NoteEvent`] an internal note, an [`AccountEvent`] a change of an account. `docs/asyncapi.yaml`
//! describes them for consumers.
//!
//! Attributes that this code does not know are extensions, which CloudEvents requires to be
//! ignored. An unknown `specversion`, `source`, `type` or `dataschema` is rejected.
//!
//! A [`TicketEvent`] names the ticket, what happened to it, the actor and the possible recipients.
//! It carries no text of the ticket: recipients read the text where their permission is checked.

mod account;
mod envelope;
mod note;
#[cfg(test)]
mod tests;
mod ticket;

pub use account::{AccountEvent, AccountEventKind, AccountId, ChangedByAdmin, PasswordChanged};
pub use envelope::UnreadableEvent;
pub use note::{NoteEvent, NoteEventData};
pub use ticket::{EventData, TicketEvent};

use crate::id::EventId;
use crate::time::Timestamp;

/// An event of any kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An event about a log entry.
    Ticket(TicketEvent),
    /// An event about a note.
    Note(NoteEvent),
    /// An event about an account.
    Account(AccountEvent),
}

impl Event {
    /// Returns the id of the event.
    #[must_use]
    pub const fn id(&self) -> EventId {
        match self {
            Self::Ticket(event) => event.id,
            Self::Note(event) => event.id,
            Self::Account(event) => event.id,
        }
    }

    /// Returns the time of the event.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Ticket(event) => event.at,
            Self::Note(event) => event.at,
            Self::Account(event) => event.at,
        }
    }

    /// Serialises the event. Never fails for this type; serde's signature requires the `Result`.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        match self {
            Self::Ticket(event) => event.to_json(),
            Self::Note(event) => event.to_json(),
            Self::Account(event) => event.to_json(),
        }
    }

    /// Parses a serialised event.
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
