//! Notifications of new tickets: one item for all technicians, in a partition that is merged with
//! an inbox when that is read. For a technician who marks one as read by itself, an item beside
//! their inbox says when.
//!
//! The id is made on arrival, not with the event, so that one that comes late is after every mark.
//! A second item, under the event, makes a message that comes twice tell once.

use std::collections::HashSet;

use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::id::{EventId, UserId};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::Cancelled;
use super::inbox::{KEPT_SECONDS, Notification};
use super::item::{TRANSACTION_TRIES_MAX, from_item, number, to_item};
use super::keys::{EXPIRES_AT, Item, Key};
use super::{Store, StoreError};
use crate::clock;

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

/// That a technician read a new ticket by itself. What it says stands with the one for all.
#[derive(Serialize, Deserialize)]
pub(super) struct ReadByItself {
    pub(super) id: EventId,
    pub(super) read_at: Timestamp,
    expires_at: i64,
}

impl Store {
    /// Tells all technicians but these of an event, once. Returns the notification's id, of the time
    /// that `clock` says at the last try; none if they were told before.
    pub async fn tell_technicians(
        &self,
        event: EventId,
        notification: &Notification,
        not_for: &[UserId],
        clock: impl Fn() -> Timestamp,
    ) -> Result<Option<EventId>, StoreError> {
        let mut last = Cancelled::Contended;
        for tried in 0..TRANSACTION_TRIES_MAX {
            clock::pause_before(tried).await;
            let id = EventId::new(clock(), clock::id_bytes());
            let writes = self.telling_technicians(event, id, notification, not_for)?;
            match self.transact_as_it_is(writes).await {
                Ok(()) => return Ok(Some(id)),
                Err(Cancelled::ConditionFailed(_)) => return Ok(None),
                // Once is enough: what was done by a try whose answer was lost fails the condition.
                Err(Cancelled::Failed(error)) if !matches!(error, StoreError::Unavailable(_)) => return Err(error),
                Err(cancelled) => last = cancelled,
            }
        }
        Err(last.into())
    }

    fn telling_technicians(
        &self,
        event: EventId,
        id: EventId,
        notification: &Notification,
        not_for: &[UserId],
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let arrival = id.at();
        let expires_at = arrival.plus_seconds(NEW_TICKET_SECONDS).unix_seconds();
        let notification = Notification { id, expires_at, ..notification.clone() };
        let mut item = to_item(&Shared { notification, not_for: not_for.iter().copied().collect() })?;
        item.extend(Key::new_ticket(id).to_item());
        // Kept as long as a notification of one person, against messages that come after weeks.
        let told_until = arrival.plus_seconds(KEPT_SECONDS).unix_seconds();
        let mut told = Key::told_together(event).to_item();
        told.insert(EXPIRES_AT.to_owned(), number(told_until));
        Ok(vec![self.put_new(told)?, self.put_new(item)?])
    }

    /// Makes these writes, or none, without the SDK's repeats: by the time of one of those, everything
    /// may have been read up to after an id made before.
    async fn transact_as_it_is(&self, writes: Vec<TransactWriteItem>) -> Result<(), Cancelled> {
        let once = Builder::default().retry_config(RetryConfig::disabled());
        let request = self.client.transact_write_items().set_transact_items(Some(writes));
        request.customize().config_override(once).send().await.map(drop).map_err(Cancelled::from)
    }

    /// Notes that a technician read a new ticket by itself; one that was read stays read since then.
    /// Returns false if it is not for them.
    pub(super) async fn mark_new_ticket_read(
        &self,
        user: UserId,
        shared: Item,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Shared { notification: Notification { id, expires_at, .. }, not_for } = from_item(shared)?;
        if expires_at <= now.unix_seconds() || not_for.contains(&user) {
            return Ok(false);
        }
        let mut item = to_item(&ReadByItself { id, read_at: at, expires_at })?;
        item.extend(Key::new_ticket_read(user, id).to_item());
        // Refused: it was marked before.
        self.put_once(item).await?;
        Ok(true)
    }
}
