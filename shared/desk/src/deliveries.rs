//! Posts events to webhooks: the start of a delivery, its attempts, and the effect of an attempt on
//! the webhook.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::id::{EventId, UserId, WebhookId};
use domain::notification::{NotificationReason, NotificationType};
use domain::time::Timestamp;
use domain::user::{Person, Role};
use domain::webhook::{Delivery, DeliveryState, Verdict, Webhook};
use edges::clock;
use edges::queue::{Outgoing, Queue, SendError};
use edges::store::{
    ChangeWebhookError, KEPT_SECONDS, Notification, NotificationEvent, Store, StoreError, WebhookAuthor,
};
use edges::webhook::WebhookClient;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Desk, record_notified};

/// The number of tries to replay a delivery that is changed concurrently.
const TRIES_MAX: u32 = 5;

/// The type of the event that a ping sends to a webhook.
pub const PING: &str = "helpdesk.webhook.ping";

/// The maximum number of admins who are notified when a webhook is disabled.
const ADMINS_MAX: usize = 100;

/// An order to post an event to a webhook.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeliveryOrder {
    /// The webhook to post to.
    pub webhook_id: WebhookId,
    /// The event to post.
    pub event_id: EventId,
    /// The envelope of the event, which is the body that is posted.
    pub body: String,
}

impl DeliveryOrder {
    /// Creates the order for a ping. The body has the form of every event, but reports nothing.
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

    /// Converts the order to a message that becomes visible after `delay`. Never fails for an
    /// order; serde's signature requires the `Result`.
    pub fn to_message(&self, delay: Duration) -> Result<Outgoing, serde_json::Error> {
        Ok(Outgoing { body: serde_json::to_string(self)?, delay, ..Outgoing::default() })
    }
}

/// The reason why a delivery that an admin requested was not started.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// The webhook or delivery does not exist, the admin is no longer an admin, or the delivery
    /// keeps changing.
    #[error(transparent)]
    Refused(#[from] ChangeWebhookError),
    /// The message was not sent. The delivery may be stored, but nothing wakes it until it is
    /// replayed.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The order cannot be serialised.
    #[error(transparent)]
    Unwritable(#[from] serde_json::Error),
}

impl Desk {
    /// Pings a webhook: starts the delivery of an event of type [`PING`] and sends the message that
    /// wakes it.
    pub async fn ping_webhook(
        &self,
        queue: &Queue,
        id: WebhookId,
        admin: UserId,
        now: Timestamp,
    ) -> Result<Delivery, OrderError> {
        let webhook = self.webhook(id).await?;
        let order = DeliveryOrder::ping(webhook.id, EventId::new(now, clock::id_bytes()), now);
        let delivery = Delivery::begin(order.webhook_id, order.event_id, PING.to_owned(), order.body, now);
        if !self.store.order_delivery(&delivery, 0, admin).await? {
            return Err(ChangeWebhookError::Contended.into());
        }
        wake(queue, &delivery).await?;
        Ok(delivery)
    }

    /// Replays a delivery at an admin's request and sends the message that wakes it.
    pub async fn replay_delivery(
        &self,
        queue: &Queue,
        webhook: WebhookId,
        event: EventId,
        admin: UserId,
        now: Timestamp,
    ) -> Result<Delivery, OrderError> {
        self.webhook(webhook).await?;
        for tried in 0..TRIES_MAX {
            clock::pause_before(tried).await;
            let delivery = self.store.delivery(webhook, event).await.map_err(ChangeWebhookError::from)?;
            let delivery = delivery.ok_or(ChangeWebhookError::Missing)?;
            let begun = delivery.replayed(now);
            if self.store.order_delivery(&begun, delivery.version, admin).await? {
                wake(queue, &begun).await?;
                return Ok(begun);
            }
        }
        Err(ChangeWebhookError::Contended.into())
    }
}

async fn wake(queue: &Queue, delivery: &Delivery) -> Result<(), OrderError> {
    let order =
        DeliveryOrder { webhook_id: delivery.webhook_id, event_id: delivery.event_id, body: delivery.body.clone() };
    Ok(queue.send_all(&[order.to_message(Duration::ZERO)?]).await?)
}

/// The reason why an order was not processed.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The message is not an order.
    #[error(transparent)]
    Malformed(#[from] serde_json::Error),
    /// The table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The message could not be delayed.
    #[error(transparent)]
    Send(#[from] SendError),
}

/// Makes the attempt that is due, if any, and returns when the next one is due.
///
/// # Errors
/// Fails with a [`DeliveryError`]. The event may then be posted a second time.
pub async fn attempt(
    store: &Store,
    client: &WebhookClient,
    order: &DeliveryOrder,
    now: Timestamp,
) -> Result<Option<Timestamp>, DeliveryError> {
    let Some(webhook) = store.webhook(order.webhook_id).await? else {
        return Ok(None);
    };
    let delivery = begun(store, order, now).await?;
    let Some(due) = delivery.due_at else { return Ok(None) };
    if due > now {
        return Ok(Some(due));
    }
    if webhook.disabled.is_some() {
        let given_up = Delivery { state: DeliveryState::Failed, due_at: None, ..delivery.attempting(now) };
        store.replace_delivery(&given_up, delivery.version).await?;
        return Ok(None);
    }
    let Typed { time, .. } = serde_json::from_str(&order.body)?;
    let under_way = delivery.attempting(now);
    if !store.replace_delivery(&under_way, delivery.version).await? {
        // Another consumer makes this attempt. Its outcome is checked later.
        return Ok(under_way.due_at);
    }
    let attempted = client.post(&webhook, &under_way, now).await;
    let verdict = attempted.verdict;
    let after = under_way.attempted(attempted, now, u32::from_le_bytes(clock::random()));
    store.replace_delivery(&after, under_way.version).await?;
    if verdict == Verdict::Delivered {
        // Only a first attempt is timed: a receiver's failures or a replay add time that is not
        // ours.
        let first = (after.attempts.len() == 1).then_some(time);
        record_notified("webhook", order.event_id, first);
    }
    settle(store, &webhook, verdict, now).await?;
    Ok(after.due_at)
}

/// The attributes of an envelope that are read here.
#[derive(Deserialize)]
struct Typed {
    #[serde(rename = "type")]
    event_type: String,
    time: Timestamp,
}

/// Returns the stored delivery. Starts it if it does not exist yet.
async fn begun(store: &Store, order: &DeliveryOrder, now: Timestamp) -> Result<Delivery, DeliveryError> {
    let DeliveryOrder { webhook_id, event_id, body } = order;
    if let Some(delivery) = store.delivery(*webhook_id, *event_id).await? {
        return Ok(delivery);
    }
    let Typed { event_type, .. } = serde_json::from_str(body)?;
    let delivery = Delivery::begin(*webhook_id, *event_id, event_type, body.clone(), now);
    if store.begin_delivery(&delivery).await? {
        return Ok(delivery);
    }
    let present = store.delivery(*webhook_id, *event_id).await?;
    present.ok_or_else(|| StoreError::corrupt("a delivery that existed is missing").into())
}

/// Records the effect of an attempt on its webhook, and notifies the admins if it disabled the
/// webhook.
async fn settle(store: &Store, webhook: &Webhook, verdict: Verdict, now: Timestamp) -> Result<(), DeliveryError> {
    if webhook.after_attempt(&webhook.url, verdict, now) == *webhook {
        return Ok(());
    }
    let was_on = AtomicBool::new(false);
    let changed = store.change_webhook(webhook.id, WebhookAuthor::HelpDesk, |present| {
        was_on.store(present.disabled.is_none(), Ordering::Relaxed);
        present.after_attempt(&webhook.url, verdict, now)
    });
    match changed.await {
        Ok(after) if after.disabled.is_some() && was_on.into_inner() => notify_admins(store, &after, now).await,
        // Removed meanwhile: nothing is left to record. Changed concurrently: the next attempt
        // records it.
        Err(ChangeWebhookError::Store(error)) => Err(error.into()),
        Ok(_) | Err(_) => Ok(()),
    }
}

async fn notify_admins(store: &Store, webhook: &Webhook, now: Timestamp) -> Result<(), DeliveryError> {
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
    for admin in store.list_users(&[Role::Admin], None, ADMINS_MAX).await?.items {
        if admin.active {
            let id = store.notify_now(admin.id, &notification).await?;
            record_notified("inbox", id, Some(now));
        }
    }
    Ok(())
}
