//! The worker that sends the mails about tickets that are in their queue.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use desk::ticket_mails::{TicketMailError, TicketMailer};
use edges::Fatal;
use edges::clock::Deadline;
use edges::config::{Config, name};
use edges::queue::Queue;

use super::{Fault, body_of, handle_batch};

/// The worker that sends mails about tickets.
#[derive(Clone, Debug)]
pub struct MailWorker {
    mailer: Option<TicketMailer>,
    dead_letters: Queue,
}

impl MailWorker {
    /// Creates the worker from the use case, if mails are sent, and the queue for mails that can
    /// never be sent.
    #[must_use]
    pub const fn new(mailer: Option<TicketMailer>, dead_letters: Queue) -> Self {
        Self { mailer, dead_letters }
    }

    /// Opens the worker of this deployment.
    ///
    /// # Errors
    /// Fails if variables are missing or TLS cannot be set up.
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        let [dead_letters] = Queue::open(config, [name::EMAIL_DEAD_LETTERS_URL]).await?;
        Ok(Self::new(TicketMailer::open(config).await?, dead_letters))
    }
}

impl Fault for TicketMailError {
    fn is_final(&self) -> bool {
        Self::is_final(self)
    }
}

/// Sends the mails of a batch of messages until the deadline, and returns which messages go back to
/// the queue.
pub async fn send_mails(worker: &MailWorker, batch: SqsEvent, deadline: Deadline) -> SqsBatchResponse {
    handle_batch(batch, deadline, &worker.dead_letters, async |message| send(worker, message).await).await
}

async fn send(worker: &MailWorker, message: &SqsMessage) -> Result<(), TicketMailError> {
    // A deployment that sends no mails drops the request.
    let Some(mailer) = &worker.mailer else { return Ok(()) };
    mailer.send(&serde_json::from_str(body_of(message))?).await
}
