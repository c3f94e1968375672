//! The worker that posts deliveries from their queue to the receivers.
//!
//! ```text
//! message ──▶ is the delivery due?  no: send the message again, delayed until it is due
//!               │ yes               (SQS delays a message by a quarter of an hour at most)
//!               ▼
//!             record that an attempt is under way, ──▶ post ──▶ record the outcome
//!               │ unless another one is
//!               │
//!               └▶ not delivered, and the schedule goes on: send the message again
//! ```
//!
//! The delivery item is authoritative. Messages only trigger it, and a second copy finds it done or
//! under way. An attempt that died is due again after half a minute. The receiver recognises
//! duplicates by `webhook-id`.

use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use desk::deliveries::{DeliveryError, DeliveryOrder, attempt};
use edges::Fatal;
use edges::clock::{self, Deadline};
use edges::config::{Config, name};
use edges::queue::Queue;
use edges::store::Store;
use edges::webhook::{WebhookClient, reach};

use super::{Fault, body_of, deliver};

/// The worker that delivers webhooks.
#[derive(Clone, Debug)]
pub struct Deliverer {
    store: Store,
    client: WebhookClient,
    queue: Queue,
    dead_letters: Queue,
}

impl Deliverer {
    /// Creates the worker from the store, the client, the queue its orders come from, and the queue
    /// for orders that can never be carried out.
    #[must_use]
    pub const fn new(store: Store, client: WebhookClient, queue: Queue, dead_letters: Queue) -> Self {
        Self { store, client, queue, dead_letters }
    }

    /// Opens the worker of this deployment.
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

/// Carries out the orders of a batch of messages until the deadline, and returns which messages are
/// to be redelivered.
pub async fn post_webhooks(deliverer: &Deliverer, batch: SqsEvent, deadline: Deadline) -> SqsBatchResponse {
    deliver(batch, deadline, &deliverer.dead_letters, async |message| follow(deliverer, message).await).await
}

async fn follow(deliverer: &Deliverer, message: &SqsMessage) -> Result<(), DeliveryError> {
    let order: DeliveryOrder = serde_json::from_str(body_of(message))?;
    let now = clock::now();
    let Some(due) = attempt(&deliverer.store, &deliverer.client, &order, now).await? else {
        return Ok(());
    };
    let wait = due.unix_milliseconds() - now.unix_milliseconds();
    // Rounded up, so that the message does not come a moment too early and have to be delayed
    // again.
    let wait = Duration::from_secs(u64::try_from(wait).unwrap_or(0).div_ceil(1_000));
    Ok(deliverer.queue.send_all(&[order.to_message(wait)?]).await?)
}
