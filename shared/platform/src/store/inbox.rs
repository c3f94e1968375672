//! What people were told: one item for each event and recipient.

use domain::id::{EventId, TicketNumber, UserId};
use domain::notification::{NotificationReason, Occasion};
use domain::time::Timestamp;
use domain::user::Person;
use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

use super::item::{number, text, to_item, unless_refused};
use super::keys::{self, EXPIRES_AT, INBOX_PREFIX, Key};
use super::query::{Filter, Stretch};
use super::{Page, Store, StoreError};

/// How long a notification is kept, in seconds: 90 days.
pub const KEPT_SECONDS: i64 = 90 * 24 * 60 * 60;

/// Notifications looked at together.
const UNREAD_PER_CALL: usize = 100;

/// What somebody is told of an event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Notification {
    /// The event's id, and within one inbox the notification's.
    pub id: EventId,
    /// The event, as it is shown.
    pub event: NotificationEvent,
    /// Why this person is told.
    pub reason: NotificationReason,
    /// When they read it, if they did.
    pub read_at: Option<Timestamp>,
    /// The second after which it is gone (seconds since 1970, as DynamoDB's TTL wants it).
    pub expires_at: i64,
}

/// An event as a notification shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotificationEvent {
    /// What happened.
    #[serde(rename = "type")]
    pub occasion: Occasion,
    /// To which ticket; none if it concerns none.
    pub ticket: Option<TicketNumber>,
    /// What the ticket was about when its recipient was told, or what else it concerns.
    pub title: String,
    /// Who did it.
    pub actor: Person,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// Puts a notification into somebody's inbox, once: the same one again changes nothing, read or not, and false says so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn notify(&self, user: UserId, notification: &Notification) -> Result<bool, StoreError> {
        let mut item = to_item(notification)?;
        item.extend(Key::inbox(user, notification.id).to_item());
        let sent = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        Ok(unless_refused(sent)?.is_some())
    }

    /// Up to `limit` notifications of somebody's inbox, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn inbox(
        &self,
        user: UserId,
        unread_only: bool,
        now: Timestamp,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Notification>, StoreError> {
        let stretch = Stretch::of_table(keys::user_partition(user), INBOX_PREFIX, false);
        let mut filter = Filter::default();
        // DynamoDB removes an expired item within days, not at once.
        let second = number(now.unix_seconds());
        filter.add("#it > :it", EXPIRES_AT, Some(second));
        if unread_only {
            filter.add("attribute_not_exists(#it)", "read_at", None);
        }
        let start = after.map(|id| id.parse().map_err(|_| StoreError::InvalidPosition)).transpose()?;
        let start = start.map(|id| Key::inbox(user, id).to_item());
        self.page(&stretch, &filter, start, limit, |item| keys::after_prefix(item, INBOX_PREFIX)).await
    }

    /// How many notifications somebody has not read; more than `max` if there are more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unread(&self, user: UserId, now: Timestamp, max: usize) -> Result<usize, StoreError> {
        let (mut count, mut after) = (0, None);
        loop {
            let page = self.inbox(user, true, now, after.as_deref(), UNREAD_PER_CALL).await?;
            count += page.items.len();
            after = page.next;
            if after.is_none() || count > max {
                return Ok(count);
            }
        }
    }

    /// Marks everything that somebody has not read as read.
    ///
    /// # Errors
    /// [`StoreError`]; some may be marked then, and the others are when this is asked again.
    pub async fn mark_all_read(&self, user: UserId, now: Timestamp) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let page = self.inbox(user, true, now, after.as_deref(), UNREAD_PER_CALL).await?;
            let marks = page.items.iter().map(|notification| self.mark_read(user, notification.id, now));
            try_join_all(marks).await?;
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Marks a notification as read; one that was read stays read since then. False if there is no such notification.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mark_read(&self, user: UserId, id: EventId, now: Timestamp) -> Result<bool, StoreError> {
        let sent = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(Key::inbox(user, id).to_item()))
            .condition_expression("attribute_exists(pk) AND #expires_at > :second")
            .update_expression("SET read_at = if_not_exists(read_at, :now)")
            .expression_attribute_names("#expires_at", EXPIRES_AT)
            .expression_attribute_values(":second", number(now.unix_seconds()))
            .expression_attribute_values(":now", text(now.to_string()))
            .send()
            .await;
        Ok(unless_refused(sent)?.is_some())
    }
}
