//! Posts events to webhooks: the start of a delivery, its attempts, and the effect of an attempt on
//! the webhook.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::id::{EventId, UserId, WebhookId};
use domain::notification::{NotificationReason, NotificationType};
use domain::time::Timestamp;
use domain::user::{Person, Role};
use domain::webhook::{AttemptResult, Delivery, DeliveryState, Webhook};
use edges::Fatal;
use edges::clock;
use edges::config::{Config, name};
use edges::queue::{OutgoingMessage, Queue, SendError};
use edges::store::{
    ChangeWebhookError, KEPT_SECONDS, Notification, NotificationEvent, Store, StoreError, WebhookAuthor,
};
use edges::webhook::WebhookClient;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Callers, Desk, record_notified};

/// The maximum number of tries to redeliver a delivery that is changed concurrently.
const TRIES_MAX: u32 = 5;

/// The type of the event that a ping sends to a webhook.
pub const PING: &str = "helpdesk.webhook.ping";

/// The maximum number of admins who are notified when a webhook is disabled.
const ADMINS_MAX: usize = 100;

/// A request to post an event to a webhook.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeliveryRequest {
    /// The webhook to post to.
    pub webhook_id: WebhookId,
    /// The event to post.
    pub event_id: EventId,
    /// The envelope of the event, which is the body that is posted.
    pub body: String,
}

impl DeliveryRequest {
    /// Creates the request for a ping. The body has the form of every event, but reports nothing.
    #[must_use]
    pub fn ping(webhook_id: WebhookId, event_id: EventId, at: Timestamp) -> Self {
        let body = json!({
            "specversion": "1.0",
            "id": event_id,
            "source": "/helpdesk",
            "type": PING,
            "subject": format!("webhooks/{webhook_id}"),
            "time": at,
            "datacontenttype": "application/json",
            "data": {},
        });
        Self { webhook_id, event_id, body: body.to_string() }
    }

    /// Converts the request to a message that becomes visible after `delay`.
    pub fn to_message(&self, delay: Duration) -> OutgoingMessage {
        OutgoingMessage { body: json!(self).to_string(), delay, ..OutgoingMessage::default() }
    }
}

/// The reason why a delivery that an admin requested was not started.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryRequestError {
    /// The webhook or delivery does not exist, the admin is no longer an admin, or the delivery
    /// keeps changing.
    #[error(transparent)]
    Refused(#[from] ChangeWebhookError),
    /// The message was not sent. The delivery may be stored, but no attempt is made until an admin
    /// redelivers it.
    #[error(transparent)]
    Send(#[from] SendError),
}

/// Requests deliveries for admins: pings and redeliveries.
#[derive(Clone, Debug)]
pub struct DeliveryRequests {
    desk: Desk,
    queue: Queue,
}

impl DeliveryRequests {
    /// Creates the value and what tells who calls it, from the deployment's configuration.
    ///
    /// # Errors
    /// Fails if variables are missing, keys cannot be used, or TLS cannot be set up.
    pub async fn with_callers(config: &Config) -> Result<(Self, Callers), Fatal> {
        let [queue] = Queue::open(config, [name::WEBHOOKS_QUEUE_URL]).await?;
        let (desk, callers) = Desk::with_callers(config).await?;
        Ok((Self { desk, queue }, callers))
    }

    /// Pings a webhook: stores the delivery of an event of type [`PING`] and sends its delivery
    /// request.
    pub async fn ping_webhook(
        &self,
        id: WebhookId,
        admin: UserId,
        now: Timestamp,
    ) -> Result<Delivery, DeliveryRequestError> {
        let webhook = self.desk.webhook(id).await?;
        let request = DeliveryRequest::ping(webhook.id, EventId::new(now, clock::id_bytes()), now);
        let delivery = Delivery::begin(request.webhook_id, request.event_id, PING.to_owned(), request.body, now);
        if !self.desk.store.store_requested_delivery(&delivery, 0, admin).await? {
            return Err(ChangeWebhookError::Contended.into());
        }
        self.enqueue(&delivery).await?;
        Ok(delivery)
    }

    /// Redelivers a delivery at an admin's request and sends its delivery request.
    pub async fn redeliver(
        &self,
        webhook: WebhookId,
        event: EventId,
        admin: UserId,
        now: Timestamp,
    ) -> Result<Delivery, DeliveryRequestError> {
        self.desk.webhook(webhook).await?;
        let store = &self.desk.store;
        for tried in 0..TRIES_MAX {
            clock::pause_before(tried).await;
            let delivery = store.delivery(webhook, event).await.map_err(ChangeWebhookError::from)?;
            let delivery = delivery.ok_or(ChangeWebhookError::Missing)?;
            let begun = delivery.redelivered(now);
            if store.store_requested_delivery(&begun, delivery.version, admin).await? {
                self.enqueue(&begun).await?;
                return Ok(begun);
            }
        }
        Err(ChangeWebhookError::Contended.into())
    }

    async fn enqueue(&self, delivery: &Delivery) -> Result<(), DeliveryRequestError> {
        let request = DeliveryRequest {
            webhook_id: delivery.webhook_id,
            event_id: delivery.event_id,
            body: delivery.body.clone(),
        };
        Ok(self.queue.send_all(&[request.to_message(Duration::ZERO)]).await?)
    }
}

/// The reason why a delivery request was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The message is not a delivery request.
    #[error(transparent)]
    Malformed(#[from] serde_json::Error),
    /// The table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The delivery request for the next attempt was not sent.
    #[error(transparent)]
    Send(#[from] SendError),
}

impl DeliveryError {
    /// Returns whether the request would fail in the same way on every retry.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Malformed(_) => true,
            Self::Store(error) => error.is_final(),
            Self::Send(error) => error.is_final(),
        }
    }
}

/// Posts events to webhooks.
///
/// ```text
/// message ──▶ is the delivery due?  no: send the message again, delayed until it is due
///               │ yes               (SQS delays a message by a quarter of an hour at most)
///               ▼
///             record that an attempt is under way, ──▶ post ──▶ record the outcome
///               │ unless another one is
///               │
///               └▶ not delivered, and the schedule goes on: send the message again
/// ```
///
/// The delivery item is authoritative. Messages only trigger it, and a duplicate finds it done or
/// under way. An interrupted attempt is due again after half a minute. The receiver recognises
/// duplicates by `webhook-id`.
#[derive(Clone, Debug)]
pub struct Deliveries {
    store: Store,
    client: WebhookClient,
    queue: Queue,
}

impl Deliveries {
    /// Creates the value from the store, the client, and the queue that the delivery requests come
    /// from.
    #[must_use]
    pub const fn new(store: Store, client: WebhookClient, queue: Queue) -> Self {
        Self { store, client, queue }
    }

    /// Makes the attempt that is due, if any. If another is due later, sends the request again,
    /// delayed until then.
    ///
    /// # Errors
    /// If this fails, the event may be posted a second time.
    pub async fn deliver(&self, request: &DeliveryRequest, now: Timestamp) -> Result<(), DeliveryError> {
        let Some(due) = self.attempt(request, now).await? else { return Ok(()) };
        Ok(self.queue.send_all(&[request.to_message(until(due, now))]).await?)
    }

    /// Makes the attempt that is due, if any, and returns when the next one is due.
    ///
    /// # Errors
    /// If this fails, the event may be posted a second time.
    pub async fn attempt(&self, request: &DeliveryRequest, now: Timestamp) -> Result<Option<Timestamp>, DeliveryError> {
        let Self { store, client, .. } = self;
        let Some(webhook) = store.webhook(request.webhook_id).await? else {
            return Ok(None);
        };
        let delivery = self.find_or_begin(request, now).await?;
        let Some(due) = delivery.due_at else { return Ok(None) };
        if due > now {
            return Ok(Some(due));
        }
        if webhook.disabled.is_some() {
            let given_up = Delivery { state: DeliveryState::Failed, due_at: None, ..delivery.attempt_started(now) };
            store.replace_delivery(&given_up, delivery.version).await?;
            return Ok(None);
        }
        let Typed { time, .. } = serde_json::from_str(&request.body)?;
        let under_way = delivery.attempt_started(now);
        if !store.replace_delivery(&under_way, delivery.version).await? {
            // Another consumer makes this attempt. Its outcome is checked later.
            return Ok(under_way.due_at);
        }
        let attempted = client.post(&webhook, &under_way, now).await;
        let result = attempted.result;
        let after = under_way.attempt_finished(attempted, now, u32::from_le_bytes(clock::random()));
        store.replace_delivery(&after, under_way.version).await?;
        if result == AttemptResult::Delivered {
            // Only the first attempt is timed, because a receiver's failures and redeliveries add
            // time that the help desk does not cause.
            let first = (after.attempts.len() == 1).then_some(time);
            record_notified("webhook", request.event_id, first);
        }
        self.record_result(&webhook, result, now).await?;
        Ok(after.due_at)
    }

    /// Returns the stored delivery. Starts it if it does not exist yet.
    async fn find_or_begin(&self, request: &DeliveryRequest, now: Timestamp) -> Result<Delivery, DeliveryError> {
        let DeliveryRequest { webhook_id, event_id, body } = request;
        if let Some(delivery) = self.store.delivery(*webhook_id, *event_id).await? {
            return Ok(delivery);
        }
        let Typed { event_type, .. } = serde_json::from_str(body)?;
        let delivery = Delivery::begin(*webhook_id, *event_id, event_type, body.clone(), now);
        if self.store.begin_delivery(&delivery).await? {
            return Ok(delivery);
        }
        let present = self.store.delivery(*webhook_id, *event_id).await?;
        present.ok_or_else(|| StoreError::corrupt("a delivery that existed is missing").into())
    }

    /// Records the effect of an attempt on its webhook, and notifies the admins if it disabled the
    /// webhook.
    async fn record_result(
        &self,
        webhook: &Webhook,
        result: AttemptResult,
        now: Timestamp,
    ) -> Result<(), DeliveryError> {
        if webhook.after_attempt(&webhook.url, result, now) == *webhook {
            return Ok(());
        }
        let was_on = AtomicBool::new(false);
        let changed = self.store.change_webhook(webhook.id, WebhookAuthor::HelpDesk, |present| {
            was_on.store(present.disabled.is_none(), Ordering::Relaxed);
            present.after_attempt(&webhook.url, result, now)
        });
        match changed.await {
            Ok(after) if after.disabled.is_some() && was_on.into_inner() => self.notify_admins(&after, now).await,
            // If the webhook was removed meanwhile, there is nothing to record. If it was changed
            // concurrently, the next attempt records its own result.
            Err(ChangeWebhookError::Store(error)) => Err(error.into()),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    async fn notify_admins(&self, webhook: &Webhook, now: Timestamp) -> Result<(), DeliveryError> {
        let actor = Person::system();
        let url = webhook.url.as_url();
        // Without path and query, because they may hold a secret.
        let title = url.host_str().unwrap_or_default().to_owned();
        let notification = Notification {
            id: EventId::new(now, clock::id_bytes()),
            event: NotificationEvent {
                notification_type: NotificationType::WebhookDisabled,
                ticket: None,
                title,
                actor,
                at: now,
            },
            reason: NotificationReason::Admin,
            read_at: None,
            expires_at: now.plus_seconds(KEPT_SECONDS).unix_seconds(),
        };
        for admin in self.store.list_users(&[Role::Admin], None, ADMINS_MAX).await?.items {
            if admin.active {
                let id = self.store.notify_now(admin.id, &notification).await?;
                record_notified("inbox", id, Some(now));
            }
        }
        Ok(())
    }
}

/// Returns the time until an attempt is due, in whole seconds. It is rounded up, because a message
/// that arrives too early has to be delayed again.
fn until(due: Timestamp, now: Timestamp) -> Duration {
    let wait = due.unix_milliseconds() - now.unix_milliseconds();
    Duration::from_secs(u64::try_from(wait).unwrap_or(0).div_ceil(1_000))
}

/// The attributes that this module reads from an envelope.
#[derive(Deserialize)]
struct Typed {
    #[serde(rename = "type")]
    event_type: String,
    time: Timestamp,
}
