//! Webhooks, as admins see and change them.

use domain::id::WebhookId;
use domain::permission::Actor;
use domain::time::Timestamp;
use domain::webhook::{Delivery, NewWebhook, Webhook, WebhookPatch, WebhookSecret};
use edges::clock;
use edges::store::{ChangeWebhookError, Page, WebhookAuthor};

use crate::Desk;
use crate::read::PageRequest;

impl Desk {
    /// Lists webhooks, oldest first.
    pub async fn webhooks(&self, page: PageRequest<'_>) -> Result<Page<Webhook>, ChangeWebhookError> {
        Ok(self.store.webhooks(page.after, page.limit).await?)
    }

    /// Reads a webhook.
    pub async fn webhook(&self, id: WebhookId) -> Result<Webhook, ChangeWebhookError> {
        self.store.webhook(id).await?.ok_or(ChangeWebhookError::Missing)
    }

    /// Creates a webhook, if there is room for one more.
    pub async fn create_webhook(
        &self,
        new: NewWebhook,
        admin: Actor<'_>,
        now: Timestamp,
    ) -> Result<Webhook, ChangeWebhookError> {
        let webhook =
            new.into_webhook(WebhookId::new(now, clock::id_bytes()), WebhookSecret::new(clock::random()), now);
        self.store.create_webhook(&webhook, admin).await?;
        Ok(webhook)
    }

    /// Changes a webhook, disables it or enables it again.
    pub async fn update_webhook(
        &self,
        id: WebhookId,
        patch: &WebhookPatch,
        admin: Actor<'_>,
        now: Timestamp,
    ) -> Result<Webhook, ChangeWebhookError> {
        self.store.change_webhook(id, WebhookAuthor::Admin(admin), |webhook| webhook.patched(patch, now)).await
    }

    /// Rotates the secret of a webhook. The former secret also signs for a day.
    pub async fn rotate_secret(
        &self,
        id: WebhookId,
        admin: Actor<'_>,
        now: Timestamp,
    ) -> Result<Webhook, ChangeWebhookError> {
        let secret = WebhookSecret::new(clock::random());
        self.store
            .change_webhook(id, WebhookAuthor::Admin(admin), |webhook| webhook.with_secret(secret.clone(), now))
            .await
    }

    /// Removes a webhook.
    pub async fn remove_webhook(
        &self,
        id: WebhookId,
        admin: Actor<'_>,
        now: Timestamp,
    ) -> Result<(), ChangeWebhookError> {
        self.store.remove_webhook(id, admin, now).await
    }

    /// Lists the deliveries to a webhook, newest event first.
    pub async fn deliveries(&self, id: WebhookId, page: PageRequest<'_>) -> Result<Page<Delivery>, ChangeWebhookError> {
        let webhook = self.webhook(id).await?;
        Ok(self.store.deliveries(webhook.id, page.after, page.limit).await?)
    }
}
