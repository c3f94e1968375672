//! The envelope, for every kind of event.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::id::EventId;
use crate::time::Timestamp;

/// The version of CloudEvents the envelope follows.
const SPEC_VERSION: &str = "1.0";
/// The `source` of every event; with `id` it is unique (CloudEvents 1.0 §3.1).
const SOURCE: &str = "/helpdesk";

/// A kind of event: the prefix of its types, and the version of the format of its `data`.
pub(super) struct Kind {
    pub(super) type_prefix: &'static str,
    pub(super) data_schema: &'static str,
}

/// The reason why an envelope cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableEvent {
    /// The text is not JSON of this format.
    #[error("not an event: {0}")]
    Malformed(#[from] serde_json::Error),
    /// The kind or version is unknown to this code.
    #[error("an event with an unknown {what}: {value}")]
    Unknown {
        /// The name of the unknown part.
        what: &'static str,
        /// The value of that part.
        value: String,
    },
}

/// The content of an envelope.
pub(super) struct Content<D> {
    pub(super) id: EventId,
    /// The type, without the prefix of its kind.
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

/// Parses the type of a serialised event.
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

    /// Builds the error for an envelope whose type this kind does not have.
    pub(super) fn unknown_type(&self, event_type: &str) -> UnreadableEvent {
        UnreadableEvent::Unknown { what: "type", value: format!("{}{event_type}", self.type_prefix) }
    }
}
