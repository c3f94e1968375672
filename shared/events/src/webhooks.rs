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

use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use desk::deliveries::{DeliveryError, DeliveryOrder, attempt};
use edges::Fatal;
use edges::clock::{self, Deadline};
use edges::config::{Config, name};
use edges::queue::Queue;
use edges::store::Store;
use edges::webhook::{WebhookClient, reach};

use super::{Fault, deliver};

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
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        let [queue, dead_letters] =
            Queue::open(config, [name::WEBHOOKS_QUEUE_URL, name::WEBHOOKS_DEAD_LETTERS_URL]).await?;
        Ok(Self::new(Store::open(config).await?, WebhookClient::new(reach(config)?)?, queue, dead_letters))
    }
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
