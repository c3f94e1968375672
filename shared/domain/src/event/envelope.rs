//! The envelope as it is written, whatever it tells of.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::id::EventId;
use crate::time::Timestamp;

/// The version of CloudEvents the envelope follows.
const SPEC_VERSION: &str = "1.0";
/// The `source` of every event; with `id` it is unique (CloudEvents 1.0 §3.1).
const SOURCE: &str = "/helpdesk";

/// A kind of event: what its types begin with, and the version of its `data`'s form.
pub(super) struct Kind {
    pub(super) type_prefix: &'static str,
    pub(super) data_schema: &'static str,
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

/// An envelope's content.
pub(super) struct Content<D> {
    pub(super) id: EventId,
    /// The type without what all of its kind begin with.
    pub(super) event_type: String,
    pub(super) subject: String,
    pub(super) at: Timestamp,
    pub(super) data: D,
}

#[derive(Serialize, Deserialize)]
struct Envelope<D> {
    specversion: String,
    id: EventId,
    source: String,
    #[serde(rename = "type")]
    event_type: String,
    subject: String,
    time: Timestamp,
    datacontenttype: String,
    dataschema: String,
    data: D,
}

/// The type of the event that was sent as this text.
pub(super) fn type_of(text: &str) -> Result<String, UnreadableEvent> {
    #[derive(Deserialize)]
    struct Typed {
        #[serde(rename = "type")]
        event_type: String,
    }
    let typed: Typed = serde_json::from_str(text)?;
    Ok(typed.event_type)
}

impl Kind {
    pub(super) fn write<D: Serialize>(&self, content: Content<D>) -> Result<String, serde_json::Error> {
        serde_json::to_string(&Envelope {
            specversion: SPEC_VERSION.to_owned(),
            id: content.id,
            source: SOURCE.to_owned(),
            event_type: format!("{}{}", self.type_prefix, content.event_type),
            subject: content.subject,
            time: content.at,
            datacontenttype: "application/json".to_owned(),
            dataschema: self.data_schema.to_owned(),
            data: content.data,
        })
    }

    pub(super) fn read<D: DeserializeOwned>(&self, text: &str) -> Result<Content<D>, UnreadableEvent> {
        let envelope: Envelope<D> = serde_json::from_str(text)?;
        let known = |what, value: String, expected: &str| {
            if value == expected { Ok(()) } else { Err(UnreadableEvent::Unknown { what, value }) }
        };
        known("specversion", envelope.specversion, SPEC_VERSION)?;
        known("source", envelope.source, SOURCE)?;
        known("dataschema", envelope.dataschema, self.data_schema)?;
        let event_type = envelope.event_type.strip_prefix(self.type_prefix).map(str::to_owned);
        let Some(event_type) = event_type else {
            return Err(UnreadableEvent::Unknown { what: "type", value: envelope.event_type });
        };
        Ok(Content { id: envelope.id, event_type, subject: envelope.subject, at: envelope.time, data: envelope.data })
    }

    /// The fault of an envelope whose type this kind does not have.
    pub(super) fn unknown_type(&self, event_type: &str) -> UnreadableEvent {
        UnreadableEvent::Unknown { what: "type", value: format!("{}{event_type}", self.type_prefix) }
    }
}
