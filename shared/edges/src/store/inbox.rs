//! Notifications: one item for each event and recipient, and the read mark.
//!
//! Reading a whole inbox is a single write, of a mark (see [`ReadMark`]). After a notification is
//! put, the mark is read again. If it was moved past the event in the meantime, the notification is
//! recorded next to the mark as late, and so remains unread.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use domain::id::{EventId, TicketNumber, UserId};
use domain::notification::{NotificationReason, Occasion, ReadMark};
use domain::permission::DeskAction;
use domain::time::Timestamp;
use domain::user::Person;
use serde::{Deserialize, Serialize};

use super::error::Cancelled;
use super::item::{from_item, number, take, text, to_item, unless_refused};
use super::keys::{EXPIRES_AT, Key};
use super::preferences::{LATE, READ_UP_TO, Reading};
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
    pub occasion: Occasion,
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
        let mark = self.reading(user).await?.mark;
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
        let mut item = to_item(notification)?;
        item.extend(Key::inbox(user, notification.id).to_item());
        item.insert(ARRIVED_AT.to_owned(), text(clock::now().to_string()));
        self.put_once(item).await
    }

    /// Records a notification as late if it was put by a process that ended before it could read
    /// the mark again. Such a notification is unread, arrived after the mark, and is covered by it.
    async fn record_if_hidden(&self, user: UserId, id: EventId) -> Result<(), StoreError> {
        let (preferences, own) = (Key::preferences(user), Key::inbox(user, id));
        let mut items = self.batch_get(vec![preferences.clone(), own.clone()]).await?;
        let mark = take(&mut items, &preferences).map(Reading::of).transpose()?.unwrap_or_default().mark;
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
        let mut item = to_item(late)?;
        item.extend(Key::inbox(user, late.id).to_item());
        for tried in 0..ATTEMPTS_MAX {
            clock::pause_before(tried).await;
            let writes = vec![self.put_new(item.clone())?, self.late_write(user, late.id, &mark)?];
            match self.transact(writes).await {
                Ok(()) => return Ok(true),
                Err(Cancelled::ConditionFailed(0)) => {
                    self.record_if_hidden(user, late.id).await?;
                    return Ok(false);
                }
                Err(Cancelled::ConditionFailed(_)) => mark = self.reading(user).await?.mark,
                Err(cancelled) => return Err(cancelled.into()),
            }
        }
        Err(StoreError::Unavailable("other requests kept marking the inbox as read".into()))
    }

    async fn record_late(&self, user: UserId, id: EventId, mut mark: ReadMark) -> Result<(), StoreError> {
        for tried in 0..ATTEMPTS_MAX {
            clock::pause_before(tried).await;
            match self.transact(vec![self.late_write(user, id, &mark)?]).await {
                Ok(()) => return Ok(()),
                Err(Cancelled::ConditionFailed(_)) => mark = self.reading(user).await?.mark,
                Err(cancelled) => return Err(cancelled.into()),
            }
        }
        Err(StoreError::Unavailable("other requests kept marking the inbox as read".into()))
    }

    /// Returns the write that records a notification as late. If the set is full, it moves the mark
    /// back to before the notification, unless the mark was moved in the meantime. It is better to
    /// show read notifications as unread than to hide one.
    fn late_write(&self, user: UserId, id: EventId, mark: &ReadMark) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder().table_name(&self.table).set_key(Some(Key::preferences(user).to_item()));
        let update = match mark.up_to {
            Some(up_to) if mark.late.len() >= ReadMark::LATE_MAX => update
                .update_expression("SET #mark = :before")
                .condition_expression("#mark = :mark")
                .expression_attribute_names("#mark", READ_UP_TO)
                .expression_attribute_values(":before", text(id.at().plus_milliseconds(-1).to_string()))
                .expression_attribute_values(":mark", text(up_to.to_string())),
            _ => update
                .update_expression("ADD #late :id")
                .expression_attribute_names("#late", LATE)
                .expression_attribute_values(":id", ids([id])),
        };
        Ok(TransactWriteItem::builder().update(update.build().map_err(StoreError::corrupt)?).build())
    }

    /// Marks a user's whole inbox as read, with one write at any size.
    pub async fn mark_all_read(&self, user: UserId, now: Timestamp) -> Result<(), StoreError> {
        let request = self.client.update_item().table_name(&self.table);
        let sent = request
            .set_key(Some(Key::preferences(user).to_item()))
            .condition_expression("attribute_not_exists(#mark) OR #mark <= :now")
            .update_expression("SET #mark = :now REMOVE #late")
            .expression_attribute_names("#mark", READ_UP_TO)
            .expression_attribute_names("#late", LATE)
            .expression_attribute_values(":now", text(now.to_string()))
            .send()
            .await;
        // Refused: there is already a later mark, from a function whose clock is ahead. It covers
        // this one.
        unless_refused(sent)?;
        Ok(())
    }

    /// Marks a notification as read. If it was already read, keeps the earlier time. Returns false
    /// if there is no such notification.
    pub async fn mark_read(&self, reader: &Person, id: EventId, now: Timestamp) -> Result<bool, StoreError> {
        let may_see_new_tickets = reader.may(DeskAction::HearOfNewTickets);
        let (preferences, own, shared) = (Key::preferences(reader.id), Key::inbox(reader.id, id), Key::new_ticket(id));
        let mut keys = vec![preferences.clone(), own.clone()];
        keys.extend(may_see_new_tickets.then(|| shared.clone()));
        let mut items = self.batch_get(keys).await?;
        let reading = take(&mut items, &preferences).map(Reading::of).transpose()?.unwrap_or_default();
        let mark = reading.mark;
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
        let request = self.client.update_item().table_name(&self.table);
        let sent = request
            .set_key(Some(Key::inbox(user, id).to_item()))
            .condition_expression("attribute_exists(pk) AND #expires_at > :second")
            .update_expression("SET read_at = if_not_exists(read_at, :at)")
            .expression_attribute_names("#expires_at", EXPIRES_AT)
            .expression_attribute_values(":second", number(now.unix_seconds()))
            .expression_attribute_values(":at", text(at.to_string()))
            .send()
            .await;
        Ok(unless_refused(sent)?.is_some())
    }

    /// Removes an id from the late ones to make room. Its own item records that it was read.
    async fn forget_late(&self, user: UserId, id: EventId) -> Result<(), StoreError> {
        let request = self.client.update_item().table_name(&self.table);
        request
            .set_key(Some(Key::preferences(user).to_item()))
            .update_expression("DELETE #late :id")
            .expression_attribute_names("#late", LATE)
            .expression_attribute_values(":id", ids([id]))
            .send()
            .await?;
        Ok(())
    }
}

/// Returns ids as a set of bytes: 16 for each, where a text takes 36.
fn ids<const N: usize>(ids: [EventId; N]) -> AttributeValue {
    AttributeValue::Bs(ids.map(|id| Blob::new(*id.as_bytes())).to_vec())
}
