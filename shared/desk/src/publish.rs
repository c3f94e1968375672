//! Converts a committed event to a message, whether its item comes from the stream or is redriven.

use domain::event::Event;
use edges::queue::OutgoingMessage;
use edges::store::ItemKey;
use serde::{Deserialize, Serialize};

/// A dead letter of the relay: an item of the stream that could not be read, or whose event could
/// not be sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PutAside {
    /// The key of the item.
    pub key: ItemKey,
    /// The position of the record in the stream.
    pub sequence_number: String,
    /// The reason why the record was put aside.
    pub error: String,
}

/// Converts an event to a message. Events of one group stay in order, and a duplicate is recognised
/// by its id. Never fails for an event; serde's signature requires the `Result`.
pub fn message_of(event: &Event) -> Result<OutgoingMessage, serde_json::Error> {
    let group = match event {
        Event::Ticket(event) => event.data.ticket.to_string(),
        Event::Note(event) => event.data.ticket.to_string(),
        Event::Account(event) => event.subject(),
    };
    let (group, deduplication_id) = (Some(group), Some(event.id().to_string()));
    Ok(OutgoingMessage { body: event.to_json()?, group, deduplication_id, ..OutgoingMessage::default() })
}
