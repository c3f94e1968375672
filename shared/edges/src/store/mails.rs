//! Sent mails: one item for each event and recipient.

use domain::id::{EventId, UserId};
use domain::time::Timestamp;

use super::item::{number, text};
use super::keys::{EXPIRES_AT, Key};
use super::write::Write;
use super::{KEPT_SECONDS, Store, StoreError};

impl Store {
    /// Returns whether a user was mailed about an event.
    pub async fn was_mailed(&self, user: UserId, event: EventId) -> Result<bool, StoreError> {
        Ok(self.get(&Key::mail(user, event)).await?.is_some())
    }

    /// Records that a user was mailed about an event, for as long as the event is in an inbox.
    pub async fn record_mailed(&self, user: UserId, event: EventId, now: Timestamp) -> Result<(), StoreError> {
        let mut item = Key::mail(user, event).to_item();
        item.insert("mailed_at".to_owned(), text(now.to_string()));
        item.insert(EXPIRES_AT.to_owned(), number(now.plus_seconds(KEPT_SECONDS).unix_seconds()));
        self.write(Write::put(item)).await?;
        Ok(())
    }
}
