//! Notifications of new tickets: one item for all technicians, in a partition that is merged with
//! an inbox when that is read. If a technician marks one as read individually, an item next to
//! their inbox records when.
//!
//! The id is created on arrival, not with the event, so that a late notification is newer than
//! every mark. A second item, under the event, makes a message that is received again notify only
//! once.

use std::collections::HashSet;

use domain::id::{EventId, UserId};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::condition::absent;
use super::inbox::{KEPT_SECONDS, Notification};
use super::item::{from_item, item_at, number};
use super::keys::{EXPIRES_AT, Item, Key};
use super::transaction::{TRANSACTION_TRIES_MAX, Transaction};
use super::write::Write;
use super::{Store, StoreError};
use crate::clock;

/// How long technicians are notified of a new ticket, in seconds: two weeks, a holiday. After that
/// only the ticket queue shows that it waits, and new technicians do not begin with months of old
/// notifications.
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
pub(super) struct ReadIndividually {
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
        let mut tried = 0;
        loop {
            clock::pause_before(tried).await;
            tried += 1;
            let id = EventId::new(clock(), clock::id_bytes());
            // Made without the SDK's retries: by the time of one, a reader may have marked
            // everything as read past an id created before.
            match notifying(event, id, notification, except)?.commit_without_retries(self).await {
                Ok(Ok(())) => return Ok(Some(id)),
                Ok(Err(NotifiedBefore)) => return Ok(None),
                // Retrying is safe: if a try whose response was lost succeeded, the condition
                // fails.
                Err(StoreError::Unavailable(_)) if tried < TRANSACTION_TRIES_MAX => {}
                Err(error) => return Err(error),
            }
        }
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
        let item = item_at(&Key::new_ticket_read(user, id), &ReadIndividually { id, read_at: at, expires_at })?;
        // Refused: it was marked before.
        self.write_if(Write::put(item), absent()).await?.either_way();
        Ok(true)
    }
}

/// An error: technicians were notified of the event before.
struct NotifiedBefore;

/// Returns the writes that notify all technicians except these of an event.
fn notifying(
    event: EventId,
    id: EventId,
    notification: &Notification,
    except: &[UserId],
) -> Result<Transaction<NotifiedBefore>, StoreError> {
    let arrival = id.at();
    let expires_at = arrival.plus_seconds(NEW_TICKET_SECONDS).unix_seconds();
    let notification = Notification { id, expires_at, ..notification.clone() };
    let shared = Shared { notification, not_for: except.iter().copied().collect() };
    // Kept as long as an individual notification, for messages that are received again weeks later.
    let known_until = arrival.plus_seconds(KEPT_SECONDS).unix_seconds();
    let mut notified = Key::technicians_notified(event).to_item();
    notified.insert(EXPIRES_AT.to_owned(), number(known_until));
    Ok(Transaction::new()
        .put(notified)
        .when(absent())
        .or(NotifiedBefore)
        .put(item_at(&Key::new_ticket(id), &shared)?)
        .when(absent())
        .or(NotifiedBefore))
}
