//! Webhooks, and the deliveries to each.

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

/// How often a webhook is changed anew because it changed meanwhile.
const CHANGE_TRIES_MAX: u32 = 5;
/// How often webhooks are counted anew because another was made meanwhile: of that many made at once, each gets its turn.
const MAKE_TRIES_MAX: u32 = 12;

/// The attribute of the counter that says how many webhooks were made so far.
const MADE: &str = "made";

/// Why a webhook was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeWebhookError {
    /// There is none of that id.
    #[error("there is none of that id")]
    Missing,
    /// The person who changes it is no active admin any more.
    #[error("the caller is no longer an active admin")]
    NoAdmin,
    /// There are as many as there may be.
    #[error("there are as many webhooks as there may be")]
    TooMany,
    /// Others changed it all the time.
    #[error("others changed it all the time")]
    Contended,
    /// The table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Up to `limit` webhooks, the first made first.
    pub async fn webhooks(&self, after: Option<&str>, limit: usize) -> Result<Page<Webhook>, StoreError> {
        let stretch = Stretch::of_table(WEBHOOKS_PARTITION.to_owned(), "", true);
        let start = after.map(|id| id.parse().map_err(|_| StoreError::InvalidPosition)).transpose()?;
        let start = start.map(|id: WebhookId| Key::webhook(id).to_item());
        self.page(&stretch, &Filter::default(), start, limit, |item| keys::after_prefix(item, "")).await
    }

    /// The webhook of that id.
    pub async fn webhook(&self, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
        self.get(&Key::webhook(id)).await?.map(from_item).transpose()
    }

    /// Keeps a new webhook, if there is room for one more, and `admin`, where one makes it, is an active admin at that moment.
    ///
    /// What is there is counted, and the webhook is kept on condition that no other was made since: of any number made at once,
    /// none is one too many. Removing one needs no part in this, because it only makes room.
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

    /// The write that counts one webhook more, if none was made since that many had been.
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

    /// Changes a webhook as `change` says, which is asked again if it changed meanwhile, and if `admin`, where one does it, is
    /// an active admin at that moment. Nothing is written if nothing changes.
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

    /// The write that puts an item in place of the version seen; 0 stands for there being none. In a transaction, because the SDK
    /// repeats that under the same token: an answer that was lost is not taken for somebody else's change.
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

    /// Makes these writes, if `admin`, where one makes them, is an active admin at that moment. False if another condition does not
    /// hold.
    async fn written(&self, admin: Option<UserId>, writes: Vec<TransactWriteItem>) -> Result<bool, ChangeWebhookError> {
        match self.transact_by(admin, writes).await {
            Ok(()) => Ok(true),
            Err(NotWritten::NoAdmin) => Err(ChangeWebhookError::NoAdmin),
            Err(NotWritten::Cancelled(Cancelled::ConditionFailed(_))) => Ok(false),
            Err(NotWritten::Cancelled(cancelled)) => Err(StoreError::from(cancelled).into()),
        }
    }

    /// Removes a webhook, if `admin` is an active admin at that moment. Its deliveries go when their time is over.
    pub async fn remove_webhook(&self, id: WebhookId, admin: UserId) -> Result<(), ChangeWebhookError> {
        let removed = self.written(Some(admin), vec![self.deleting(&Key::webhook(id))?]).await?;
        if removed { Ok(()) } else { Err(ChangeWebhookError::Missing) }
    }

    /// Up to `limit` deliveries to a webhook, the newest event first.
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

    /// The delivery of an event to a webhook.
    pub async fn delivery(&self, webhook: WebhookId, event: EventId) -> Result<Option<Delivery>, StoreError> {
        self.get(&Key::delivery(webhook, event)).await?.map(from_item).transpose()
    }

    /// Keeps a delivery that begins. False if it began before.
    pub async fn begin_delivery(&self, delivery: &Delivery) -> Result<bool, StoreError> {
        self.replace_delivery(delivery, 0).await
    }

    /// Keeps a delivery in place of the version seen. False if it is of another version by now.
    pub async fn replace_delivery(&self, delivery: &Delivery, seen: u64) -> Result<bool, StoreError> {
        self.put_version(&Key::delivery(delivery.webhook_id, delivery.event_id), delivery, seen).await
    }

    /// Keeps a delivery that an admin asks for in place of the version seen; 0 stands for there being none. False if it is of
    /// another version by now.
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

    /// Puts an item in place of the version seen; 0 stands for there being none.
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
