//! Notifications of new tickets: one item for all technicians, in a partition that is merged with
//! an inbox when that is read. If a technician marks one as read individually, an item next to
//! their inbox records when.
//!
//! The id is created on arrival, not with the event, so that a late notification comes after every
//! mark. A second item, under the event, makes a redelivered message notify only once.

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

/// How long technicians are notified of a new ticket, in seconds: two weeks, a holiday. After that
/// only the queue shows that it waits, and new technicians do not begin with months of news.
pub const NEW_TICKET_SECONDS: i64 = 14 * 24 * 60 * 60;

/// A notification of a new ticket, shared by all technicians.
#[derive(Serialize, Deserialize)]
struct Shared {
    #[serde(flatten)]
    notification: Notification,
    /// The actor, and those who are notified individually.
    not_for: HashSet<UserId>,
}

/// The record that a technician read a new ticket individually. The shared item holds the content.
#[derive(Serialize, Deserialize)]
pub(super) struct ReadByItself {
    pub(super) id: EventId,
    pub(super) read_at: Timestamp,
    expires_at: i64,
}

impl Store {
    /// Notifies all technicians except these of an event, once. Returns the notification's id, with
    /// the time that `clock` returned at the last try, or `None` if they were notified before.
    pub async fn notify_technicians(
        &self,
        event: EventId,
        notification: &Notification,
        except: &[UserId],
        clock: impl Fn() -> Timestamp,
    ) -> Result<Option<EventId>, StoreError> {
        let mut last = Cancelled::Contended;
        for tried in 0..TRANSACTION_TRIES_MAX {
            clock::pause_before(tried).await;
            let id = EventId::new(clock(), clock::id_bytes());
            let writes = self.new_ticket_writes(event, id, notification, except)?;
            match self.transact_as_it_is(writes).await {
                Ok(()) => return Ok(Some(id)),
                Err(Cancelled::ConditionFailed(_)) => return Ok(None),
                // Retrying is safe: if a try whose answer was lost succeeded, the condition fails.
                Err(Cancelled::Failed(error)) if !matches!(error, StoreError::Unavailable(_)) => return Err(error),
                Err(cancelled) => last = cancelled,
            }
        }
        Err(last.into())
    }

    /// Returns the writes of the record that technicians were notified, and of the notification.
    fn new_ticket_writes(
        &self,
        event: EventId,
        id: EventId,
        notification: &Notification,
        except: &[UserId],
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let arrival = id.at();
        let expires_at = arrival.plus_seconds(NEW_TICKET_SECONDS).unix_seconds();
        let notification = Notification { id, expires_at, ..notification.clone() };
        let mut item = to_item(&Shared { notification, not_for: except.iter().copied().collect() })?;
        item.extend(Key::new_ticket(id).to_item());
        // Kept as long as an individual notification, against messages that are redelivered weeks
        // later.
        let expires_at = arrival.plus_seconds(KEPT_SECONDS).unix_seconds();
        let mut notified = Key::technicians_notified(event).to_item();
        notified.insert(EXPIRES_AT.to_owned(), number(expires_at));
        Ok(vec![self.put_new(notified)?, self.put_new(item)?])
    }

    /// Makes these writes or none, without the SDK's retries. By the time of such a retry, a reader
    /// may have marked everything as read past an id created before.
    async fn transact_as_it_is(&self, writes: Vec<TransactWriteItem>) -> Result<(), Cancelled> {
        let once = Builder::default().retry_config(RetryConfig::disabled());
        let request = self.client.transact_write_items().set_transact_items(Some(writes));
        request.customize().config_override(once).send().await.map(drop).map_err(Cancelled::from)
    }

    /// Records that a technician read a new ticket individually. If it was already read, keeps the
    /// earlier time. Returns false if the ticket is not for them.
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
