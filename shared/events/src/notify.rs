//! The worker that notifies people and webhooks of the events in their queue.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use desk::notify::{ChannelQueues, Notifier, NotifyError};
use edges::Fatal;
use edges::clock::Deadline;
use edges::config::{Config, name};
use edges::queue::Queue;
use edges::store::Store;

use super::{Fault, body_of, handle_batch};

/// The worker that notifies of events.
#[derive(Clone, Debug)]
pub struct NotifyWorker {
    notifier: Notifier,
    dead_letters: Queue,
}

impl NotifyWorker {
    /// Creates the worker from the use case and the queue for events that can never be handled.
    #[must_use]
    pub const fn new(notifier: Notifier, dead_letters: Queue) -> Self {
        Self { notifier, dead_letters }
    }

    /// Opens the worker of this deployment.
    ///
    /// # Errors
    /// Fails if variables are missing or TLS cannot be set up.
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        let store = Store::open(config).await?;
        let names = [name::EMAIL_QUEUE_URL, name::WEBHOOKS_QUEUE_URL, name::EVENTS_DEAD_LETTERS_URL];
        let [email, webhooks, dead_letters] = Queue::open(config, names).await?;
        Ok(Self::new(Notifier::new(store, ChannelQueues { email, webhooks }), dead_letters))
    }
}

impl Fault for NotifyError {
    fn is_final(&self) -> bool {
        Self::is_final(self)
    }
}

/// Notifies the recipients of a batch of messages until the deadline, and returns which messages go
/// back to the queue.
pub async fn notify(worker: &NotifyWorker, batch: SqsEvent, deadline: Deadline) -> SqsBatchResponse {
    handle_batch(batch, deadline, &worker.dead_letters, async |message| worker.notifier.notify(body_of(message)).await)
        .await
}
