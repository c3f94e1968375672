//! The worker that handles account events from their queue.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use desk::account_events::{AccountEventError, AccountEvents};
use domain::event::{AccountEvent, UnreadableEvent};
use edges::Fatal;
use edges::clock::{self, Deadline};
use edges::config::{Config, name};
use edges::queue::Queue;

use super::{Fault, handle_batch};

/// The reason why a message was not handled.
#[derive(Debug, thiserror::Error)]
enum AccountFault {
    #[error(transparent)]
    Unreadable(#[from] UnreadableEvent),
    #[error(transparent)]
    NotFollowedUp(#[from] AccountEventError),
}

impl Fault for AccountFault {
    fn is_final(&self) -> bool {
        match self {
            Self::Unreadable(_) => true,
            Self::NotFollowedUp(error) => error.is_final(),
        }
    }
}

/// The worker for account events.
#[derive(Clone, Debug)]
pub struct AccountWorker {
    events: AccountEvents,
    dead_letters: Queue,
}

impl AccountWorker {
    /// Opens the worker of this deployment.
    ///
    /// # Errors
    /// Fails if variables are missing, or TLS cannot be set up.
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        let events = AccountEvents::open(config).await?;
        let [dead_letters] = Queue::open(config, [name::ACCOUNTS_DEAD_LETTERS_URL]).await?;
        Ok(Self { events, dead_letters })
    }
}

/// Handles a batch of account events until the deadline, and returns which messages go back to the
/// queue.
pub async fn handle_account_events(accounts: &AccountWorker, batch: SqsEvent, deadline: Deadline) -> SqsBatchResponse {
    handle_batch(batch, deadline, &accounts.dead_letters, async |message| handle(accounts, message).await).await
}

async fn handle(accounts: &AccountWorker, message: &SqsMessage) -> Result<(), AccountFault> {
    let event = AccountEvent::from_json(message.body.as_deref().unwrap_or_default())?;
    Ok(accounts.events.handle(event, clock::now()).await?)
}
