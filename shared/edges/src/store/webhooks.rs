//! Webhooks and the deliveries to each.

use domain::audit::AuditAction;
use domain::id::{EventId, UserId, WebhookId};
use domain::permission::Actor;
use domain::time::Timestamp;
use domain::webhook::{Delivery, WEBHOOKS_MAX, Webhook};

use super::audit::about_webhook;
use super::condition::{Changes, Condition, absent, is, present};
use super::counted::{CREATE_TRIES_MAX, MadeBefore};
use super::item::{from_item, item_at, number};
use super::keys::{self, DELIVERY_PREFIX, Item, Key, WEBHOOKS_PARTITION};
use super::query::KeyRange;
use super::transaction::Transaction;
use super::write::Write;
use super::{Page, Store, StoreError};
use crate::clock;

/// The number of tries of a change of a webhook that changed in the meantime.
const CHANGE_TRIES_MAX: u32 = 5;

/// The reason why a webhook was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeWebhookError {
    /// There is no webhook with that id.
    #[error("there is no webhook with this id")]
    Missing,
    /// The person making the change is no longer an active admin.
    #[error("the caller is no longer an active admin")]
    NotAnAdmin,
    /// The maximum number of webhooks is reached.
    #[error("the limit of webhooks has been reached")]
    TooMany,
    /// Concurrent changes conflicted on every try.
    #[error("other requests kept changing the webhook")]
    Contended,
    /// The table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The author of a change of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookAuthor<'a> {
    /// An admin, who has to be active at the moment of the change. The audit names them.
    Admin(Actor<'a>),
    /// The help desk itself, which records the results of deliveries. They are not in the audit.
    HelpDesk,
}

impl WebhookAuthor<'_> {
    /// Begins the transaction of a change from `old` to `new`. The check of the admin comes first.
    fn begin(self, old: &Webhook, new: &Webhook) -> Result<Transaction<Refused>, StoreError> {
        let Self::Admin(admin) = self else {
            return Ok(Transaction::new());
        };
        let mut writes = Transaction::by_admin(admin.person.id, Refused::NotAnAdmin);
        for action in AuditAction::of_webhook_change(old, new) {
            writes = writes.audited(&about_webhook(admin, new.id, action, new.updated_at))?;
        }
        Ok(writes)
    }
}

/// The reason why the writes of an admin or of the help desk itself were not made.
#[derive(Clone)]
enum Refused {
    /// The person is no longer an active admin.
    NotAnAdmin,
    /// Something has changed since it was read.
    Stale,
}

impl Store {
    /// Returns up to `limit` webhooks, oldest first.
    pub async fn webhooks(&self, after: Option<&str>, limit: usize) -> Result<Page<Webhook>, StoreError> {
        let range = KeyRange::of_table(WEBHOOKS_PARTITION.to_owned(), "", true);
        let start = after.map(|id| id.parse().map_err(|_| StoreError::InvalidPosition)).transpose()?;
        let start = start.map(|id: WebhookId| Key::webhook(id).to_item());
        self.page(&range, &[], start, limit, |item| keys::after_prefix(item, "")).await
    }

    /// Returns the webhook with that id.
    pub async fn webhook(&self, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
        self.get(&Key::webhook(id)).await?.map(from_item).transpose()
    }

    /// Stores a new webhook if there is room for one more and `admin` is an active admin.
    pub async fn create_webhook(&self, webhook: &Webhook, admin: Actor<'_>) -> Result<(), ChangeWebhookError> {
        let item = item_at(&Key::webhook(webhook.id), webhook)?;
        let entry = about_webhook(admin, webhook.id, AuditAction::WebhookCreated, webhook.created_at);
        for tried in 0..CREATE_TRIES_MAX {
            clock::pause_before(tried).await;
            let before = MadeBefore::read(self.get(&Key::webhook_counter()).await?.as_ref());
            if self.webhooks(None, WEBHOOKS_MAX).await?.items.len() >= WEBHOOKS_MAX {
                return Err(ChangeWebhookError::TooMany);
            }
            let writes = Transaction::by_admin(admin.person.id, Refused::NotAnAdmin)
                .put(item.clone())
                .when(absent())
                .or(Refused::Stale)
                .count_one_more(Key::webhook_counter(), before, Changes::new(), Refused::Stale)
                .audited(&entry)?;
            if self.written(writes).await? {
                return Ok(());
            }
        }
        Err(ChangeWebhookError::Contended)
    }

    /// Changes a webhook with `change`, which is called again if the webhook changed in the
    /// meantime. Writes nothing if nothing changes.
    pub async fn change_webhook(
        &self,
        id: WebhookId,
        author: WebhookAuthor<'_>,
        change: impl Fn(&Webhook) -> Webhook,
    ) -> Result<Webhook, ChangeWebhookError> {
        for tried in 0..CHANGE_TRIES_MAX {
            clock::pause_before(tried).await;
            let old = self.webhook(id).await?.ok_or(ChangeWebhookError::Missing)?;
            let new = change(&old);
            let mut writes = author.begin(&old, &new)?.or_if_contended(Refused::Stale);
            if new != old {
                writes = writes.put(item_at(&Key::webhook(id), &new)?).when(of_version(old.version)).or(Refused::Stale);
            }
            if self.written(writes).await? {
                return Ok(new);
            }
        }
        Err(ChangeWebhookError::Contended)
    }

    /// Makes these writes. Returns false if something changed since it was read. Callers use a
    /// transaction even for one write, because the SDK retries it under the same token: a write
    /// whose response was lost is then not mistaken for a concurrent change.
    async fn written(&self, writes: Transaction<Refused>) -> Result<bool, ChangeWebhookError> {
        match writes.commit(self).await? {
            Ok(()) => Ok(true),
            Err(Refused::NotAnAdmin) => Err(ChangeWebhookError::NotAnAdmin),
            Err(Refused::Stale) => Ok(false),
        }
    }

    /// Removes a webhook if `admin` is an active admin at that moment. Its deliveries remain until
    /// they expire.
    pub async fn remove_webhook(
        &self,
        id: WebhookId,
        admin: Actor<'_>,
        now: Timestamp,
    ) -> Result<(), ChangeWebhookError> {
        let writes = Transaction::by_admin(admin.person.id, Refused::NotAnAdmin);
        let writes = writes.delete(Key::webhook(id)).when(present()).or(Refused::Stale);
        let entry = about_webhook(admin, id, AuditAction::WebhookDeleted, now);
        let removed = self.written(writes.audited(&entry)?).await?;
        if removed { Ok(()) } else { Err(ChangeWebhookError::Missing) }
    }

    /// Returns up to `limit` deliveries to a webhook, newest event first.
    pub async fn deliveries(
        &self,
        webhook: WebhookId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Delivery>, StoreError> {
        let range = KeyRange::of_table(keys::webhook_partition(webhook), DELIVERY_PREFIX, false);
        let start = after.map(|id| id.parse().map_err(|_| StoreError::InvalidPosition)).transpose()?;
        let start = start.map(|id: EventId| Key::delivery(webhook, id).to_item());
        self.page(&range, &[], start, limit, |item| keys::after_prefix(item, DELIVERY_PREFIX)).await
    }

    /// Returns the delivery of an event to a webhook.
    pub async fn delivery(&self, webhook: WebhookId, event: EventId) -> Result<Option<Delivery>, StoreError> {
        self.get(&Key::delivery(webhook, event)).await?.map(from_item).transpose()
    }

    /// Stores a new delivery. Returns false if it already exists.
    pub async fn begin_delivery(&self, delivery: &Delivery) -> Result<bool, StoreError> {
        self.replace_delivery(delivery, 0).await
    }

    /// Replaces the version `seen` of a delivery. Returns false if it is stale.
    pub async fn replace_delivery(&self, delivery: &Delivery, seen: u64) -> Result<bool, StoreError> {
        Ok(self.write_if(Write::put(delivery_item(delivery)?), of_version(seen)).await?.is_made())
    }

    /// Stores a delivery that an admin requests in place of the version `seen`, where 0 means that
    /// there is none. Returns false if that version is stale.
    pub async fn store_requested_delivery(
        &self,
        delivery: &Delivery,
        seen: u64,
        admin: UserId,
    ) -> Result<bool, ChangeWebhookError> {
        let writes = Transaction::by_admin(admin, Refused::NotAnAdmin);
        self.written(writes.put(delivery_item(delivery)?).when(of_version(seen)).or(Refused::Stale)).await
    }
}

/// Requires that an item has the version that was read, where 0 means that there was none.
fn of_version(seen: u64) -> Condition {
    if seen == 0 { absent() } else { is("version", number(seen)) }
}

fn delivery_item(delivery: &Delivery) -> Result<Item, StoreError> {
    item_at(&Key::delivery(delivery.webhook_id, delivery.event_id), delivery)
}
