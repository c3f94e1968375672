//! Views of webhooks and deliveries.

use domain::id::{EventId, WebhookId};
use domain::lifecycle::EventType;
use domain::text::WebhookDescription;
use domain::time::Timestamp;
use domain::webhook::{Attempt, Delivery, DeliveryState, DisabledReason, Webhook, WebhookUrl};
use edges::webhook::secret_text;
use serde::Serialize;

/// A webhook, without its secret.
#[derive(Debug, Serialize)]
pub struct WebhookView {
    pub id: WebhookId,
    pub url: WebhookUrl,
    pub events: Vec<EventType>,
    pub description: Option<WebhookDescription>,
    pub enabled: bool,
    pub disabled_because: Option<DisabledReason>,
    pub failing_since: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl From<Webhook> for WebhookView {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id,
            url: webhook.url,
            events: webhook.events.into_iter().collect(),
            description: webhook.description,
            enabled: webhook.disabled.is_none(),
            disabled_because: webhook.disabled,
            failing_since: webhook.failing_since,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

/// A webhook with its secret, which is shown once.
#[derive(Debug, Serialize)]
pub struct WebhookSecretView {
    #[serde(flatten)]
    pub webhook: WebhookView,
    pub secret: String,
}

impl From<Webhook> for WebhookSecretView {
    fn from(webhook: Webhook) -> Self {
        let secret = secret_text(&webhook.secret);
        Self { webhook: webhook.into(), secret }
    }
}

/// The delivery of an event to a webhook.
#[derive(Debug, Serialize)]
pub struct DeliveryView {
    pub id: EventId,
    #[serde(rename = "type")]
    pub event_type: String,
    pub state: DeliveryState,
    pub attempts: Vec<Attempt>,
    pub next_attempt_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.event_id,
            event_type: delivery.event_type,
            state: delivery.state,
            attempts: delivery.attempts,
            next_attempt_at: delivery.due_at,
            created_at: delivery.created_at,
        }
    }
}
