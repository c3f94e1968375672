//! Webhooks and the deliveries to each.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use domain::id::{EventId, UserId, WebhookId};
use domain::webhook::{Delivery, WEBHOOKS_MAX, Webhook};
use serde::Serialize;

use super::error::Cancelled;
use super::item::{from_item, number, to_item, unless_refused};
use super::keys::{self, DELIVERY_PREFIX, Item, Key, WEBHOOKS_PARTITION};
use super::query::{Filter, Stretch};
use super::users::NotWritten;
use super::{Page, Store, StoreError};
use crate::clock;

/// The number of tries of a change of a webhook that changed in the meantime.
const CHANGE_TRIES_MAX: u32 = 5;
/// The number of tries of counting webhooks while others are being created. Of that many created at
/// once, each succeeds.
const MAKE_TRIES_MAX: u32 = 12;

/// The counter's attribute for the number of webhooks created so far.
const MADE: &str = "made";

/// The reason why a webhook was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeWebhookError {
    /// There is no webhook with that id.
    #[error("there is no webhook with this id")]
    Missing,
    /// The person making the change is no longer an active admin.
    #[error("the caller is no longer an active admin")]
    NoAdmin,
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

impl Store {
    /// Returns up to `limit` webhooks, oldest first.
    pub async fn webhooks(&self, after: Option<&str>, limit: usize) -> Result<Page<Webhook>, StoreError> {
        let stretch = Stretch::of_table(WEBHOOKS_PARTITION.to_owned(), "", true);
        let start = after.map(|id| id.parse().map_err(|_| StoreError::InvalidPosition)).transpose()?;
        let start = start.map(|id: WebhookId| Key::webhook(id).to_item());
        self.page(&stretch, &Filter::default(), start, limit, |item| keys::after_prefix(item, "")).await
    }

    /// Returns the webhook with that id.
    pub async fn webhook(&self, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
        self.get(&Key::webhook(id)).await?.map(from_item).transpose()
    }

    /// Stores a new webhook if there is room for one more. If `admin` is given, requires that they
    /// are an active admin at that moment.
    ///
    /// Counts the existing webhooks and stores the new one on condition that no other was created
    /// since. Of any number created at once, none exceeds the maximum. Removing one needs no such
    /// condition, because it only makes room.
    pub async fn make_webhook(&self, webhook: &Webhook, admin: Option<UserId>) -> Result<(), ChangeWebhookError> {
        let mut item = to_item(webhook)?;
        item.extend(Key::webhook(webhook.id).to_item());
        for tried in 0..MAKE_TRIES_MAX {
            clock::pause_before(tried).await;
            let counter = self.get(&Key::webhook_counter()).await?;
            let made = counter.as_ref().and_then(|item| item.get(MADE)?.as_n().ok()?.parse().ok());
            if self.webhooks(None, WEBHOOKS_MAX).await?.items.len() >= WEBHOOKS_MAX {
                return Err(ChangeWebhookError::TooMany);
            }
            let writes = vec![self.putting_version(item.clone(), 0)?, self.counting_webhook(made)?];
            if self.written(admin, writes).await? {
                return Ok(());
            }
        }
        Err(ChangeWebhookError::Contended)
    }

    /// Returns the write that counts one more webhook, on condition that none was created since
    /// `made`.
    fn counting_webhook(&self, made: Option<u64>) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(Key::webhook_counter().to_item()))
            .update_expression("SET #made = :next")
            .expression_attribute_names("#made", MADE)
            .expression_attribute_values(":next", number(made.unwrap_or(0) + 1));
        let update = match made {
            None => update.condition_expression("attribute_not_exists(#made)"),
            Some(made) => {
                update.condition_expression("#made = :made").expression_attribute_values(":made", number(made))
            }
        };
        Ok(TransactWriteItem::builder().update(update.build().map_err(StoreError::corrupt)?).build())
    }

    /// Changes a webhook with `change`, which is called again if the webhook changed in the
    /// meantime. If `admin` is given, requires that they are an active admin at that moment. Writes
    /// nothing if nothing changes.
    pub async fn change_webhook(
        &self,
        id: WebhookId,
        admin: Option<UserId>,
        change: impl Fn(&Webhook) -> Webhook,
    ) -> Result<Webhook, ChangeWebhookError> {
        for tried in 0..CHANGE_TRIES_MAX {
            clock::pause_before(tried).await;
            let old = self.webhook(id).await?.ok_or(ChangeWebhookError::Missing)?;
            let new = change(&old);
            let mut item = to_item(&new)?;
            item.extend(Key::webhook(id).to_item());
            let writes = if new == old { Vec::new() } else { vec![self.putting_version(item, old.version)?] };
            if self.written(admin, writes).await? {
                return Ok(new);
            }
        }
        Err(ChangeWebhookError::Contended)
    }

    /// Returns the write that replaces the version `seen` of an item, where 0 means that there is
    /// none. Uses a transaction, because the SDK retries it under the same token: a write whose
    /// answer was lost is then not mistaken for a concurrent change.
    fn putting_version(&self, item: Item, seen: u64) -> Result<TransactWriteItem, StoreError> {
        if seen == 0 {
            return self.put_new(item);
        }
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("#version = :seen")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":seen", number(seen))
            .build()
            .map_err(StoreError::corrupt)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Makes these writes. If `admin` is given, requires that they are an active admin at that
    /// moment. Returns false if another condition fails.
    async fn written(&self, admin: Option<UserId>, writes: Vec<TransactWriteItem>) -> Result<bool, ChangeWebhookError> {
        match self.transact_by(admin, writes).await {
            Ok(()) => Ok(true),
            Err(NotWritten::NoAdmin) => Err(ChangeWebhookError::NoAdmin),
            Err(NotWritten::Cancelled(Cancelled::ConditionFailed(_))) => Ok(false),
            Err(NotWritten::Cancelled(cancelled)) => Err(StoreError::from(cancelled).into()),
        }
    }

    /// Removes a webhook if `admin` is an active admin at that moment. Its deliveries remain until
    /// they expire.
    pub async fn remove_webhook(&self, id: WebhookId, admin: UserId) -> Result<(), ChangeWebhookError> {
        let removed = self.written(Some(admin), vec![self.deleting(&Key::webhook(id))?]).await?;
        if removed { Ok(()) } else { Err(ChangeWebhookError::Missing) }
    }

    /// Returns up to `limit` deliveries to a webhook, newest event first.
    pub async fn deliveries(
        &self,
        webhook: WebhookId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Delivery>, StoreError> {
        let stretch = Stretch::of_table(keys::deliveries_partition(webhook), DELIVERY_PREFIX, false);
        let start = after.map(|id| id.parse().map_err(|_| StoreError::InvalidPosition)).transpose()?;
        let start = start.map(|id: EventId| Key::delivery(webhook, id).to_item());
        self.page(&stretch, &Filter::default(), start, limit, |item| keys::after_prefix(item, DELIVERY_PREFIX)).await
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
        self.put_version(&Key::delivery(delivery.webhook_id, delivery.event_id), delivery, seen).await
    }

    /// Stores a delivery that an admin requests in place of the version `seen`, where 0 means that
    /// there is none. Returns false if that version is stale.
    pub async fn order_delivery(
        &self,
        delivery: &Delivery,
        seen: u64,
        admin: UserId,
    ) -> Result<bool, ChangeWebhookError> {
        let mut item = to_item(delivery)?;
        item.extend(Key::delivery(delivery.webhook_id, delivery.event_id).to_item());
        self.written(Some(admin), vec![self.putting_version(item, seen)?]).await
    }

    /// Puts an item in place of the version `seen`, where 0 means that there is none.
    async fn put_version(&self, key: &Key, value: &impl Serialize, seen: u64) -> Result<bool, StoreError> {
        let mut item: Item = to_item(value)?;
        item.extend(key.to_item());
        let request = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let request = if seen == 0 {
            request.condition_expression("attribute_not_exists(pk)")
        } else {
            request
                .condition_expression("#version = :seen")
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":seen", number(seen))
        };
        Ok(unless_refused(request.send().await)?.is_some())
    }
}
