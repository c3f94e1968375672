//! The event about a log entry.

use serde::{Deserialize, Serialize};

use super::envelope::{Content, Kind, UnreadableEvent};
use crate::id::{EventId, TicketNumber, UserId};
use crate::lifecycle::{EventType, Status};
use crate::log::{Field, FieldValue, LogEntry};
use crate::time::Timestamp;
use crate::user::Person;

const KIND: Kind = Kind { type_prefix: "helpdesk.ticket.", data_schema: "/schemas/ticket-event/1" };

/// The event about one log entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketEvent {
    /// The id of the event, which is also the id of its log entry.
    pub id: EventId,
    pub event_type: EventType,
    /// When it happened.
    pub at: Timestamp,
    /// The ticket and the people concerned.
    pub data: EventData,
}

/// The data of an event apart from its id, type and time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventData {
    pub ticket: TicketNumber,
    /// The `seq` of the log entry. Consumers order by it, not by arrival.
    pub seq: u64,
    pub actor: Person,
    /// The service account that acted for the actor, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Person>,
    /// The requester of the ticket.
    pub requester_id: UserId,
    /// The present assignee.
    pub assignee_id: Option<UserId>,
    /// The former assignee, if this event changed the assignee.
    pub former_assignee_id: Option<UserId>,
    /// The status of the ticket before.
    pub from_status: Option<Status>,
    /// The status after.
    pub to_status: Option<Status>,
}

impl TicketEvent {
    /// Builds the event about a log entry.
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
                via: entry.via.clone(),
                requester_id: entry.requester_id,
                assignee_id: entry.assignee_id,
                former_assignee_id: former_assignee(entry),
                from_status: entry.from_status,
                to_status: entry.to_status,
            },
        }
    }

    /// Serialises the event. Never fails for this type; serde's signature requires the `Result`.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        KIND.write(Content {
            id: self.id,
            event_type: self.event_type.as_str().to_owned(),
            subject: format!("tickets/{}", self.data.ticket),
            at: self.at,
            data: self.data.clone(),
        })
    }

    /// Parses a serialised event.
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
