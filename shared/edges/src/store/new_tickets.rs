//! Notifications of new tickets: one item for all technicians, in a partition that is merged with
//! an inbox when that is read. A technician who marks one as read gets a copy in their own inbox,
//! with the time.
//!
//! The id is made on arrival, not with the event, so that one that comes late is after every mark.
//! A second item, under the event, makes a message that comes twice tell once.

use std::collections::HashSet;

use domain::id::{EventId, UserId};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::Cancelled;
use super::inbox::{KEPT_SECONDS, Notification};
use super::item::{from_item, number, to_item};
use super::keys::{EXPIRES_AT, Item, Key};
use super::{Store, StoreError};

/// How long technicians are told of a new ticket, in seconds: two weeks, a holiday. After that the
/// queue alone shows that it waits, and who becomes a technician does not begin with the news of
/// months.
pub const NEW_TICKET_SECONDS: i64 = 14 * 24 * 60 * 60;

/// A new ticket as all technicians are told of it.
#[derive(Serialize, Deserialize)]
struct Shared {
    #[serde(flatten)]
    notification: Notification,
    /// Who did it, and who is told by name.
    not_for: HashSet<UserId>,
}

impl Store {
    /// Tells all technicians but these of an event, once. Returns false if they were told before.
    /// The notification's id must be made with the present time.
    pub async fn tell_technicians(
        &self,
        event: EventId,
        notification: &Notification,
        not_for: Vec<UserId>,
    ) -> Result<bool, StoreError> {
        let shared = Shared { notification: notification.clone(), not_for: not_for.into_iter().collect() };
        let mut item = to_item(&shared)?;
        item.extend(Key::new_ticket(notification.id).to_item());
        // Kept as long as a notification of one person, against messages that come after weeks.
        let told_until = notification.id.at().plus_seconds(KEPT_SECONDS).unix_seconds();
        let mut told = Key::told_together(event).to_item();
        told.insert(EXPIRES_AT.to_owned(), number(told_until));
        match self.transact(vec![self.put_new(told)?, self.put_new(item)?]).await {
            Ok(()) => Ok(true),
            Err(Cancelled::ConditionFailed(_)) => Ok(false),
            Err(cancelled) => Err(cancelled.into()),
        }
    }

    /// Puts a copy that is marked as read into a technician's own inbox. Returns false if it is
    /// not for them.
    pub(super) async fn keep_new_ticket_read(
        &self,
        user: UserId,
        shared: Item,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let shared: Shared = from_item(shared)?;
        if shared.notification.expires_at <= now.unix_seconds() || shared.not_for.contains(&user) {
            return Ok(false);
        }
        // Refused: the same technician marked it at the same moment from another device.
        self.notify_now(user, &Notification { read_at: Some(at), ..shared.notification }).await?;
        Ok(true)
    }
}
