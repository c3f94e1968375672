//! Records of the table's stream.

use domain::event::{Event, NoteEvent, TicketEvent};
use serde::{Deserialize, Serialize};

use super::item::from_item;
use super::keys::{EVENT_PREFIX, Item, Key, LOG_PREFIX, NOTE_PREFIX, PK, SK, TRACE};
use super::{Store, StoreError};
use crate::telemetry::Trace;

/// The primary key of an item, as messages carry it so that the reader can find the item again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemKey {
    /// The partition key.
    pub pk: String,
    /// The sort key.
    pub sk: String,
}

impl ItemKey {
    /// Returns the key of an item, or of the `Keys` of a stream record.
    #[must_use]
    pub fn of(item: serde_dynamo::Item) -> Self {
        let item: Item = item.into();
        let part = |name: &str| item.get(name).and_then(|key| key.as_s().ok()).cloned().unwrap_or_default();
        Self { pk: part(PK), sk: part(SK) }
    }
}

/// Returns the trace of the request that wrote an item of the stream.
#[must_use]
pub fn trace_of(image: &serde_dynamo::Item) -> Option<Trace> {
    match image.get(TRACE) {
        Some(serde_dynamo::AttributeValue::S(header)) => Trace::parse(header),
        _ => None,
    }
}

/// Returns the event that an item of the stream describes.
///
/// # Errors
/// Fails if the item describes no event or is not in the form that this code writes.
pub fn event_of_image(image: serde_dynamo::Item) -> Result<Event, StoreError> {
    event_of(image.into())
}

fn event_of(item: Item) -> Result<Event, StoreError> {
    let sort_key = item.get(SK).and_then(|key| key.as_s().ok()).cloned().unwrap_or_default();
    if sort_key.starts_with(LOG_PREFIX) {
        Ok(Event::Ticket(TicketEvent::of(&from_item(item)?)))
    } else if sort_key.starts_with(NOTE_PREFIX) {
        Ok(Event::Note(NoteEvent::of(&from_item(item)?)))
    } else if sort_key.starts_with(EVENT_PREFIX) {
        Ok(Event::Account(from_item(item)?))
    } else {
        Err(StoreError::corrupt(format!("the stream returned an item that is not an event: {sort_key}")))
    }
}

impl Store {
    /// Returns the event that the item of that key describes, and the trace of the request that
    /// wrote it. Returns `None` if there is no such item.
    pub async fn event_at(&self, key: ItemKey) -> Result<Option<(Event, Option<Trace>)>, StoreError> {
        let item = self.get(&Key { pk: key.pk, sk: key.sk }).await?;
        let Some(item) = item else { return Ok(None) };
        let trace = item.get(TRACE).and_then(|trace| Trace::parse(trace.as_s().ok()?));
        Ok(Some((event_of(item)?, trace)))
    }
}
