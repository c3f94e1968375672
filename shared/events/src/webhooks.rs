//! The worker that posts deliveries from their queue to the receivers.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use desk::deliveries::{Deliveries, DeliveryError};
use edges::Fatal;
use edges::clock::{self, Deadline};
use edges::config::{Config, name};
use edges::queue::Queue;
use edges::store::Store;
use edges::webhook::{WebhookClient, reach};

use super::{Fault, body_of, handle_batch};

/// The worker that delivers webhooks.
#[derive(Clone, Debug)]
pub struct WebhookWorker {
    deliveries: Deliveries,
    dead_letters: Queue,
}

impl WebhookWorker {
    /// Creates the worker from the use case and the queue for delivery requests that can never be
    /// carried out.
    #[must_use]
    pub const fn new(deliveries: Deliveries, dead_letters: Queue) -> Self {
        Self { deliveries, dead_letters }
    }

    /// Opens the worker of this deployment.
    ///
    /// # Errors
    /// Fails if variables are missing or TLS cannot be set up.
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        let [queue, dead_letters] =
            Queue::open(config, [name::WEBHOOKS_QUEUE_URL, name::WEBHOOKS_DEAD_LETTERS_URL]).await?;
        let (store, client) = (Store::open(config).await?, WebhookClient::new(reach(config)?)?);
        Ok(Self::new(Deliveries::new(store, client, queue), dead_letters))
    }
}

impl Fault for DeliveryError {
    fn is_final(&self) -> bool {
        Self::is_final(self)
    }
}

/// Carries out the delivery requests of a batch until the deadline, and returns which messages go
/// back to the queue.
pub async fn post_webhooks(worker: &WebhookWorker, batch: SqsEvent, deadline: Deadline) -> SqsBatchResponse {
    handle_batch(batch, deadline, &worker.dead_letters, async |message| carry_out(worker, message).await).await
}

async fn carry_out(worker: &WebhookWorker, message: &SqsMessage) -> Result<(), DeliveryError> {
    worker.deliveries.deliver(&serde_json::from_str(body_of(message))?, clock::now()).await
}
