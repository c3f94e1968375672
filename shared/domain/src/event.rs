//! The envelope in which a log entry travels: CloudEvents 1.0 in JSON.
//!
//! Attributes this code does not know are extensions, which CloudEvents asks to be ignored; an unknown `specversion`,
//! `source`, `type` or `dataschema` is refused.
//!
//! It says what happened to which ticket, who did it and whom it may concern. It carries no text of the ticket: whoever is told
//! reads that where their right to it is checked.

use serde::{Deserialize, Serialize};

use crate::id::{EventId, TicketNumber, UserId};
use crate::lifecycle::Status;
use crate::log::{EventType, Field, FieldValue, LogEntry};
use crate::time::Timestamp;
use crate::user::Person;

/// The version of CloudEvents the envelope follows.
const SPEC_VERSION: &str = "1.0";
/// The `source` of every event; with `id` it is unique (CloudEvents 1.0 §3.1).
const SOURCE: &str = "/helpdesk";
/// What every `type` begins with.
const TYPE_PREFIX: &str = "helpdesk.ticket.";
/// The version of `data`'s form.
const DATA_SCHEMA: &str = "/schemas/ticket-event/1";

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

/// The envelope as it is written.
#[derive(Serialize, Deserialize)]
struct Envelope {
    specversion: String,
    id: EventId,
    source: String,
    #[serde(rename = "type")]
    event_type: String,
    subject: String,
    time: Timestamp,
    datacontenttype: String,
    dataschema: String,
    data: EventData,
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
        serde_json::to_string(&Envelope {
            specversion: SPEC_VERSION.to_owned(),
            id: self.id,
            source: SOURCE.to_owned(),
            event_type: format!("{TYPE_PREFIX}{}", self.event_type.as_str()),
            subject: format!("tickets/{}", self.data.ticket),
            time: self.at,
            datacontenttype: "application/json".to_owned(),
            dataschema: DATA_SCHEMA.to_owned(),
            data: self.data.clone(),
        })
    }

    /// The event that was sent as this text.
    ///
    /// # Errors
    /// [`UnreadableEvent`].
    pub fn from_json(text: &str) -> Result<Self, UnreadableEvent> {
        let envelope: Envelope = serde_json::from_str(text)?;
        let unknown = |what, value| UnreadableEvent::Unknown { what, value };
        if envelope.specversion != SPEC_VERSION {
            return Err(unknown("specversion", envelope.specversion));
        }
        if envelope.source != SOURCE {
            return Err(unknown("source", envelope.source));
        }
        if envelope.dataschema != DATA_SCHEMA {
            return Err(unknown("dataschema", envelope.dataschema));
        }
        let named = envelope.event_type.strip_prefix(TYPE_PREFIX);
        let event_type = EventType::ALL.into_iter().find(|event_type| named == Some(event_type.as_str()));
        let Some(event_type) = event_type else {
            return Err(unknown("type", envelope.event_type));
        };
        Ok(Self { id: envelope.id, event_type, at: envelope.time, data: envelope.data })
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
