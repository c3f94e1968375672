//! From the queue of deliveries to the receivers.
//!
//! ```text
//! message ──▶ is the delivery due?  no: the message again, kept back until it is (SQS keeps one back for a quarter of an hour at most)
//!               │ yes
//!               ▼
//!             keep that an attempt is under way, on condition that nobody else makes one ──▶ post ──▶ keep what came of it
//!               │
//!               └▶ not delivered, and the schedule goes on: the message again
//! ```
//!
//! The delivery is the truth, messages only wake it: one that comes twice finds it done, or under way. An attempt that died is due again
//! after half a minute; the receiver knows what it has by `webhook-id`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::id::{EventId, WebhookId};
use domain::notification::{NotificationReason, Occasion};
use domain::time::Timestamp;
use domain::user::{Person, Role};
use domain::webhook::{Delivery, DeliveryState, Verdict, Webhook};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Fault, deliver, note_told};
use crate::Fatal;
use crate::clock::{self, Deadline};
use crate::config::name;
use crate::queue::{Outgoing, Queue, SendError};
use crate::store::{ChangeWebhookError, KEPT_SECONDS, Notification, NotificationEvent, Store, StoreError};
use crate::webhook::{WebhookClient, reach};

/// The type of the event with which a webhook is tried out.
pub const PING: &str = "helpdesk.webhook.ping";

/// Admins who are told of one that was switched off, at most.
const ADMINS_MAX: usize = 100;

/// An event to be posted to a webhook.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeliveryOrder {
    /// To which webhook.
    pub webhook_id: WebhookId,
    /// Which event.
    pub event_id: EventId,
    /// Its envelope: what is posted.
    pub body: String,
}

impl DeliveryOrder {
    /// The order to try a webhook out. What is posted has the form of every event, and tells of nothing.
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

    /// The order as a message that comes after that time.
    ///
    /// # Errors
    /// Never for an order; serde's signature asks for it.
    pub fn to_message(&self, delay: Duration) -> Result<Outgoing, serde_json::Error> {
        Ok(Outgoing { body: serde_json::to_string(self)?, delay, ..Outgoing::default() })
    }
}

/// What delivers.
#[derive(Clone, Debug)]
pub struct Deliverer {
    store: Store,
    client: WebhookClient,
    queue: Queue,
    dead_letters: Queue,
}

impl Deliverer {
    /// That store, that client, the queue its orders come from, and where orders go that can never be followed.
    #[must_use]
    pub const fn new(store: Store, client: WebhookClient, queue: Queue, dead_letters: Queue) -> Self {
        Self { store, client, queue, dead_letters }
    }

    /// The one of this deployment.
    ///
    /// # Errors
    /// The variables that are missing, or TLS that cannot be set up.
    pub async fn open() -> Result<Self, Fatal> {
        let [queue, dead_letters] = Queue::open([name::WEBHOOKS_QUEUE_URL, name::WEBHOOKS_DEAD_LETTERS_URL]).await?;
        Ok(Self::new(Store::open().await?, WebhookClient::new(reach()?)?, queue, dead_letters))
    }
}

/// Why an order was not seen to.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// It is none.
    #[error(transparent)]
    Malformed(#[from] serde_json::Error),
    /// The table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It could not be kept back.
    #[error(transparent)]
    Send(#[from] SendError),
}

impl Fault for DeliveryError {
    fn is_final(&self) -> bool {
        match self {
            Self::Malformed(_) => true,
            Self::Store(error) => error.is_final(),
            Self::Send(error) => error.is_final(),
        }
    }
}

/// Sees to the orders of a batch of messages until the deadline, and says which messages are to come again.
pub async fn post_webhooks(deliverer: &Deliverer, batch: SqsEvent, deadline: Deadline) -> SqsBatchResponse {
    deliver(batch, deadline, &deliverer.dead_letters, async |message| follow(deliverer, message).await).await
}

async fn follow(deliverer: &Deliverer, message: &SqsMessage) -> Result<(), DeliveryError> {
    let order: DeliveryOrder = serde_json::from_str(message.body.as_deref().unwrap_or_default())?;
    let now = clock::now();
    let Some(due) = attempt(&deliverer.store, &deliverer.client, &order, now).await? else {
        return Ok(());
    };
    let wait = due.unix_milliseconds() - now.unix_milliseconds();
    // Rounded up, so that it does not come a moment too early and has to be kept back once more.
    let wait = Duration::from_secs(u64::try_from(wait).unwrap_or(0).div_ceil(1_000));
    Ok(deliverer.queue.send_all(&[order.to_message(wait)?]).await?)
}

/// Makes the attempt that is due, if one is, and tells when the next one will be.
///
/// # Errors
/// [`DeliveryError`]. What was posted then may be posted again.
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
        // Somebody else makes it: what comes of that is looked at later.
        return Ok(under_way.due_at);
    }
    let attempted = client.post(&webhook, &under_way, now).await;
    let verdict = attempted.verdict;
    let after = under_way.attempted(attempted, now, u32::from_le_bytes(clock::random()));
    store.replace_delivery(&after, under_way.version).await?;
    if verdict == Verdict::Delivered {
        // What a receiver's failures or a replay add to the time is not ours.
        let first = (after.attempts.len() == 1).then_some(time);
        note_told("webhook", order.event_id, first);
    }
    settle(store, &webhook, verdict, now).await?;
    Ok(after.due_at)
}

/// What of an envelope is looked at.
#[derive(Deserialize)]
struct Typed {
    #[serde(rename = "type")]
    event_type: String,
    time: Timestamp,
}

/// The delivery as it stands, begun if it is not yet.
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
    present.ok_or_else(|| StoreError::corrupt("a delivery was there and is not").into())
}

/// Keeps what an attempt means for its webhook, and tells the admins if that switched it off.
async fn settle(store: &Store, webhook: &Webhook, verdict: Verdict, now: Timestamp) -> Result<(), DeliveryError> {
    if webhook.after(&webhook.url, verdict, now) == *webhook {
        return Ok(());
    }
    let was_on = AtomicBool::new(false);
    let changed = store.change_webhook(webhook.id, None, |present| {
        was_on.store(present.disabled.is_none(), Ordering::Relaxed);
        present.after(&webhook.url, verdict, now)
    });
    match changed.await {
        Ok(after) if after.disabled.is_some() && was_on.into_inner() => tell_admins(store, &after, now).await,
        // Removed meanwhile: nothing is left to settle. Changed all the time: the next attempt settles it.
        Err(ChangeWebhookError::Store(error)) => Err(error.into()),
        Ok(_) | Err(_) => Ok(()),
    }
}

async fn tell_admins(store: &Store, webhook: &Webhook, now: Timestamp) -> Result<(), DeliveryError> {
    let actor = Person::system().map_err(StoreError::corrupt)?;
    let url = webhook.url.as_url();
    // Without path and query, which may hold a secret.
    let title = url.host_str().unwrap_or_default().to_owned();
    let notification = Notification {
        id: EventId::new(now, clock::id_bytes()),
        event: NotificationEvent { occasion: Occasion::WebhookDisabled, ticket: None, title, actor, at: now },
        reason: NotificationReason::Admin,
        read_at: None,
        expires_at: now.plus_seconds(KEPT_SECONDS).unix_seconds(),
    };
    for admin in store.list_users(&[Role::Admin], None, ADMINS_MAX).await?.items {
        if admin.active && store.notify_now(admin.id, &notification).await? {
            note_told("inbox", notification.id, Some(now));
        }
    }
    Ok(())
}
