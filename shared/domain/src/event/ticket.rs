//! The event of a log entry.

use serde::{Deserialize, Serialize};

use super::envelope::{Content, Kind, UnreadableEvent};
use crate::id::{EventId, TicketNumber, UserId};
use crate::lifecycle::{EventType, Status};
use crate::log::{Field, FieldValue, LogEntry};
use crate::time::Timestamp;
use crate::user::Person;

const KIND: Kind = Kind { type_prefix: "helpdesk.ticket.", data_schema: "/schemas/ticket-event/1" };

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
        KIND.write(Content {
            id: self.id,
            event_type: self.event_type.as_str().to_owned(),
            subject: format!("tickets/{}", self.data.ticket),
            at: self.at,
            data: self.data.clone(),
        })
    }

    /// The event that was sent as this text.
    pub fn from_json(text: &str) -> Result<Self, UnreadableEvent> {
        let content: Content<EventData> = KIND.read(text)?;
        let event_type = EventType::ALL.into_iter().find(|event_type| content.event_type == event_type.as_str());
        let event_type = event_type.ok_or_else(|| KIND.unknown_type(&content.event_type))?;
        Ok(Self { id: content.id, event_type, at: content.at, data: content.data })
    }
}

fn former_assignee(entry: &LogEntry) -> Option<UserId> {
    let change = entry.changes.iter().find(|change| change.field == Field::Assignee)?;
    match &change.old {
        Some(FieldValue::Person(person)) => Some(person.id),
        _ => None,
    }
}
