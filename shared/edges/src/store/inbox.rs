//! Notifications: one item for each event and recipient, and the read mark.
//!
//! Reading a whole inbox is a single write, of a mark (see [`ReadMark`]). After a notification is
//! put, the mark is read again. If it was moved past the event in the meantime, the notification is
//! recorded next to the mark as late, and so remains unread.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::{EventId, TicketNumber, UserId};
use domain::notification::{NotificationReason, NotificationType, ReadMark};
use domain::permission::DeskAction;
use domain::time::Timestamp;
use domain::user::Person;
use serde::{Deserialize, Serialize};

use super::condition::{Changes, above, absent, all, any, at_most, is, lacks, present};
use super::item::{from_item, item_at, number, take, text};
use super::keys::{EXPIRES_AT, Key};
use super::preferences::{InboxState, LATE_IDS, READ_UP_TO};
use super::transaction::Transaction;
use super::write::Write;
use super::{Store, StoreError};
use crate::clock;

/// How long a notification is kept, in seconds: 90 days.
pub const KEPT_SECONDS: i64 = 90 * 24 * 60 * 60;
/// The attribute that holds when a notification was read individually.
pub(super) const READ_AT: &str = "read_at";
/// The attribute that holds when a notification was put into an inbox.
const ARRIVED_AT: &str = "arrived_at";
/// The number of tries to record a late notification while the mark is being moved.
const ATTEMPTS_MAX: u32 = 5;

/// A recipient's notification of an event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Notification {
    /// The id of the event, or that of its arrival if many recipients share the notification.
    /// Within one inbox it identifies the notification.
    pub id: EventId,
    /// The event, as it is shown.
    pub event: NotificationEvent,
    /// Why the recipient is notified.
    pub reason: NotificationReason,
    /// When the recipient read it, if they did.
    pub read_at: Option<Timestamp>,
    /// The second after which it expires (seconds since 1970, as DynamoDB's TTL expects).
    pub expires_at: i64,
}

/// An event as a notification shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotificationEvent {
    /// What happened.
    #[serde(rename = "type")]
    pub notification_type: NotificationType,
    /// The ticket, or none if the event concerns none.
    pub ticket: Option<TicketNumber>,
    /// The title of the ticket when the recipient was notified, or another subject of the event.
    pub title: String,
    /// The person who caused the event.
    pub actor: Person,
    /// When the event happened.
    pub at: Timestamp,
}

/// The attributes of a stored notification that decide whether the mark hides it.
#[derive(Deserialize)]
struct Put {
    read_at: Option<Timestamp>,
    arrived_at: Option<Timestamp>,
}

impl Store {
    /// Puts a notification into a user's inbox, once. Putting the same one again changes nothing,
    /// whether it was read or not, and returns false. `mark` is their read mark as it was read
    /// before.
    pub async fn notify(&self, user: UserId, notification: &Notification, mark: &ReadMark) -> Result<bool, StoreError> {
        if mark.covers(notification.id) {
            return self.notify_late(user, notification, mark.clone()).await;
        }
        if !self.put_notification(user, notification).await? {
            self.record_if_hidden(user, notification.id).await?;
            return Ok(false);
        }
        // A user who read the whole inbox between the read of the mark and the put did not see this
        // one.
        let mark = self.inbox_state(user).await?.mark;
        if mark.covers(notification.id) && !mark.late.contains(&notification.id) {
            self.record_late(user, notification.id, mark).await?;
        }
        Ok(true)
    }

    /// Puts a notification of the current time into a user's inbox, and returns its new id. No mark
    /// is ahead of that id.
    pub async fn notify_now(&self, user: UserId, notification: &Notification) -> Result<EventId, StoreError> {
        let id = EventId::new(clock::now(), clock::id_bytes());
        self.put_notification(user, &Notification { id, ..notification.clone() }).await?;
        Ok(id)
    }

    async fn put_notification(&self, user: UserId, notification: &Notification) -> Result<bool, StoreError> {
        let mut item = item_at(&Key::inbox(user, notification.id), notification)?;
        item.insert(ARRIVED_AT.to_owned(), text(clock::now().to_string()));
        Ok(self.write_if(Write::put(item), absent()).await?.is_made())
    }

    /// Records a notification as late if it was put by a process that ended before it could read
    /// the mark again. Such a notification is unread, arrived after the mark, and is covered by it.
    async fn record_if_hidden(&self, user: UserId, id: EventId) -> Result<(), StoreError> {
        let (preferences, own) = (Key::preferences(user), Key::inbox(user, id));
        let mut items = self.batch_get(vec![preferences.clone(), own.clone()]).await?;
        let mark = take(&mut items, &preferences).map(InboxState::of).transpose()?.unwrap_or_default().mark;
        let Some(put) = take(&mut items, &own).map(from_item::<Put>).transpose()? else {
            return Ok(());
        };
        let is_hidden = put.read_at.is_none() && mark.covers(id) && !mark.late.contains(&id);
        // Items of an earlier version do not hold when they arrived.
        if is_hidden && put.arrived_at > mark.up_to {
            self.record_late(user, id, mark).await?;
        }
        Ok(())
    }

    /// Puts a notification whose event is older than the mark, and records it as late in the same
    /// transaction.
    async fn notify_late(&self, user: UserId, late: &Notification, mut mark: ReadMark) -> Result<bool, StoreError> {
        enum Refused {
            Known,
            MarkMoved,
        }
        let item = item_at(&Key::inbox(user, late.id), late)?;
        for tried in 0..ATTEMPTS_MAX {
            clock::pause_before(tried).await;
            let put = Transaction::new().put(item.clone()).when(absent()).or(Refused::Known);
            match put.record_late(user, late.id, &mark, Refused::MarkMoved).commit(self).await? {
                Ok(()) => return Ok(true),
                Err(Refused::Known) => {
                    self.record_if_hidden(user, late.id).await?;
                    return Ok(false);
                }
                Err(Refused::MarkMoved) => mark = self.inbox_state(user).await?.mark,
            }
        }
        Err(StoreError::Unavailable("other requests kept marking the inbox as read".into()))
    }

    async fn record_late(&self, user: UserId, id: EventId, mut mark: ReadMark) -> Result<(), StoreError> {
        struct MarkMoved;
        for tried in 0..ATTEMPTS_MAX {
            clock::pause_before(tried).await;
            match Transaction::new().record_late(user, id, &mark, MarkMoved).commit(self).await? {
                Ok(()) => return Ok(()),
                Err(MarkMoved) => mark = self.inbox_state(user).await?.mark,
            }
        }
        Err(StoreError::Unavailable("other requests kept marking the inbox as read".into()))
    }

    /// Marks a user's whole inbox as read, with one write at any size.
    pub async fn mark_all_read(&self, user: UserId, now: Timestamp) -> Result<(), StoreError> {
        let at = || text(now.to_string());
        let not_ahead = any([lacks(READ_UP_TO), at_most(READ_UP_TO, at())]);
        let changes = Changes::new().set(READ_UP_TO, at()).remove(LATE_IDS);
        // Refused: there is already a later mark, from a function whose clock is ahead. It covers
        // this one.
        self.write_if(Write::update(Key::preferences(user), changes), not_ahead).await?.either_way();
        Ok(())
    }

    /// Marks a notification as read. If it was already read, keeps the earlier time. Returns false
    /// if there is no such notification.
    pub async fn mark_read(&self, reader: &Person, id: EventId, now: Timestamp) -> Result<bool, StoreError> {
        let may_see_new_tickets = reader.may(DeskAction::WatchNewTickets);
        let (preferences, own, shared) = (Key::preferences(reader.id), Key::inbox(reader.id, id), Key::new_ticket(id));
        let mut keys = vec![preferences.clone(), own.clone()];
        keys.extend(may_see_new_tickets.then(|| shared.clone()));
        let mut items = self.batch_get(keys).await?;
        let inbox_state = take(&mut items, &preferences).map(InboxState::of).transpose()?.unwrap_or_default();
        let mark = inbox_state.mark;
        let at = mark.read_at(id, None).unwrap_or(now);
        if take(&mut items, &own).is_none() {
            return match take(&mut items, &shared) {
                Some(shared) => self.mark_new_ticket_read(reader.id, shared, at, now).await,
                None => Ok(false),
            };
        }
        let marked = self.mark_own(reader.id, id, at, now).await?;
        if marked && mark.late.contains(&id) {
            self.forget_late(reader.id, id).await?;
        }
        Ok(marked)
    }

    async fn mark_own(&self, user: UserId, id: EventId, at: Timestamp, now: Timestamp) -> Result<bool, StoreError> {
        let unexpired = all([present(), above(EXPIRES_AT, number(now.unix_seconds()))]);
        let changes = Changes::new().set_once(READ_AT, text(at.to_string()));
        Ok(self.write_if(Write::update(Key::inbox(user, id), changes), unexpired).await?.is_made())
    }

    /// Removes an id from the late ones to make room. Its own item records that it was read.
    async fn forget_late(&self, user: UserId, id: EventId) -> Result<(), StoreError> {
        self.write(Write::update(Key::preferences(user), Changes::new().take(LATE_IDS, ids([id])))).await?;
        Ok(())
    }
}

impl<R> Transaction<R> {
    /// Records a notification as late. If the set is full, moves the mark back to before the
    /// notification, unless the mark was moved in the meantime. It is better to show read
    /// notifications as unread than to hide one.
    fn record_late(self, user: UserId, id: EventId, mark: &ReadMark, if_moved: R) -> Self {
        let key = Key::preferences(user);
        match mark.up_to {
            Some(up_to) if mark.late.len() >= ReadMark::LATE_MAX => {
                let before = text(id.at().plus_milliseconds(-1).to_string());
                let unmoved = is(READ_UP_TO, text(up_to.to_string()));
                self.update(key, Changes::new().set(READ_UP_TO, before)).when(unmoved).or(if_moved)
            }
            _ => self.update(key, Changes::new().add(LATE_IDS, ids([id]))).unconditionally(),
        }
    }
}

/// Returns ids as a set of bytes: 16 for each, where a text takes 36.
fn ids<const N: usize>(ids: [EventId; N]) -> AttributeValue {
    AttributeValue::Bs(ids.map(|id| Blob::new(*id.as_bytes())).to_vec())
}
