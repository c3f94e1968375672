//! What the table's stream brings.

use domain::event::AccountEvent;
use domain::log::LogEntry;

use super::StoreError;
use super::item::from_item;
use super::keys::{EVENT_PREFIX, LOG_PREFIX, SK};

/// Something that was committed and that others have to know of.
#[derive(Debug)]
pub enum Committed {
    /// An entry of a ticket's log.
    LogEntry(Box<LogEntry>),
    /// An event of an account.
    AccountEvent(AccountEvent),
}

/// What an item of the stream is.
///
/// # Errors
/// It is neither, or not as this code wrote it.
pub fn committed(image: serde_dynamo::Item) -> Result<Committed, StoreError> {
    let item = image.into();
    let sort_key = sort_key(&item);
    if sort_key.starts_with(LOG_PREFIX) {
        Ok(Committed::LogEntry(Box::new(from_item(item)?)))
    } else if sort_key.starts_with(EVENT_PREFIX) {
        Ok(Committed::AccountEvent(from_item(item)?))
    } else {
        Err(StoreError::corrupt(format!("the stream brought an item that is no event: {sort_key}")))
    }
}

fn sort_key(item: &super::keys::Item) -> String {
    item.get(SK).and_then(|key| key.as_s().ok()).cloned().unwrap_or_default()
}
