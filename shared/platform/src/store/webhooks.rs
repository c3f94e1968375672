//! Webhooks, and the deliveries to each.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::id::{EventId, UserId, WebhookId};
use domain::user::Role;
use domain::webhook::{Delivery, Webhook};
use serde::Serialize;

use super::error::Cancelled;
use super::item::{from_item, number, to_item, unless_refused};
use super::keys::{self, DELIVERY_PREFIX, Item, Key, WEBHOOKS_PARTITION};
use super::query::{Filter, Stretch};
use super::{Page, Store, StoreError};
use crate::clock;

/// How often a webhook is changed anew because it changed meanwhile.
const CHANGE_TRIES_MAX: u32 = 5;

/// Why a webhook was not changed.
#[derive(Debug)]
pub enum ChangeWebhookError {
    /// There is none of that id.
    Missing,
    /// Whoever changes it is no active admin any more.
    NoAdmin,
    /// Others changed it all the time.
    Contended,
    /// The table could not be read or written.
    Store(StoreError),
}

impl From<StoreError> for ChangeWebhookError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Store {
    /// Up to `limit` webhooks, the first made first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn webhooks(&self, after: Option<&str>, limit: usize) -> Result<Page<Webhook>, StoreError> {
        let stretch = Stretch::of_table(WEBHOOKS_PARTITION.to_owned(), "", true);
        let start = after.map(|id| id.parse().map_err(|_| StoreError::InvalidPosition)).transpose()?;
        let start = start.map(|id: WebhookId| Key::webhook(id).to_item());
        let (items, next) = self.query(&stretch, &Filter::default(), start, limit).await?;
        let next = next.as_ref().and_then(|item| keys::after_prefix(item, ""));
        Page { items, next }.try_map(from_item)
    }

    /// The webhook of that id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn webhook(&self, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
        self.get(&Key::webhook(id)).await?.map(from_item).transpose()
    }

    /// Keeps a new webhook, if `admin` is an active admin at that moment.
    ///
    /// # Errors
    /// [`ChangeWebhookError`].
    pub async fn make_webhook(&self, webhook: &Webhook, admin: Option<UserId>) -> Result<(), ChangeWebhookError> {
        let kept = self.put_webhook(webhook, 0, admin).await?;
        if kept { Ok(()) } else { Err(ChangeWebhookError::Contended) }
    }

    /// Changes a webhook as `change` says, which is asked again if it changed meanwhile, and if `admin`, where one does it, is an active admin
    /// at that moment. Nothing is written if nothing changes.
    ///
    /// # Errors
    /// [`ChangeWebhookError`].
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
            if new == old || self.put_webhook(&new, old.version, admin).await? {
                return Ok(new);
            }
        }
        Err(ChangeWebhookError::Contended)
    }

    /// Puts a webhook in place of the version seen; 0 stands for there being none. False if it is of another version by now. In a transaction,
    /// because the SDK repeats that under the same token: an answer that was lost is not taken for somebody else's change.
    async fn put_webhook(
        &self,
        webhook: &Webhook,
        seen: u64,
        admin: Option<UserId>,
    ) -> Result<bool, ChangeWebhookError> {
        let mut item = to_item(webhook)?;
        item.extend(Key::webhook(webhook.id).to_item());
        let put = if seen == 0 {
            self.put_new(item)?
        } else {
            let put = Put::builder()
                .table_name(&self.table)
                .set_item(Some(item))
                .condition_expression("#version = :seen")
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":seen", number(seen))
                .build()
                .map_err(StoreError::corrupt)?;
            TransactWriteItem::builder().put(put).build()
        };
        let mut writes = vec![put];
        if let Some(admin) = admin {
            writes.push(self.checking_role(admin, Role::Admin)?);
        }
        match self.transact(writes).await {
            Ok(()) => Ok(true),
            Err(Cancelled::ConditionFailed(0)) => Ok(false),
            Err(Cancelled::ConditionFailed(_)) => Err(ChangeWebhookError::NoAdmin),
            Err(cancelled) => Err(StoreError::from(cancelled).into()),
        }
    }

    /// Removes a webhook. False if there is none of that id. Its deliveries go when their time is over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_webhook(&self, id: WebhookId) -> Result<bool, StoreError> {
        self.delete(&Key::webhook(id)).await
    }

    /// Up to `limit` deliveries to a webhook, the newest event first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn deliveries(
        &self,
        webhook: WebhookId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Delivery>, StoreError> {
        let stretch = Stretch::of_table(keys::deliveries_partition(webhook), DELIVERY_PREFIX, false);
        let start = after.map(|id| id.parse().map_err(|_| StoreError::InvalidPosition)).transpose()?;
        let start = start.map(|id: EventId| Key::delivery(webhook, id).to_item());
        let (items, next) = self.query(&stretch, &Filter::default(), start, limit).await?;
        let next = next.as_ref().and_then(|item| keys::after_prefix(item, DELIVERY_PREFIX));
        Page { items, next }.try_map(from_item)
    }

    /// The delivery of an event to a webhook.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delivery(&self, webhook: WebhookId, event: EventId) -> Result<Option<Delivery>, StoreError> {
        self.get(&Key::delivery(webhook, event)).await?.map(from_item).transpose()
    }

    /// Keeps a delivery that begins. False if it began before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_delivery(&self, delivery: &Delivery) -> Result<bool, StoreError> {
        self.replace_delivery(delivery, 0).await
    }

    /// Keeps a delivery in place of the version seen. False if it is of another version by now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replace_delivery(&self, delivery: &Delivery, seen: u64) -> Result<bool, StoreError> {
        self.put_version(&Key::delivery(delivery.webhook_id, delivery.event_id), delivery, seen).await
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
