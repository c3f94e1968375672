//! The worker that follows up account events from their queue.
//!
//! Every step is safe to repeat. It ends the sessions that began before the event, and releases the
//! tickets that the person still has. A reset request that is delivered twice sends two mails, each
//! with a link that is valid until one of them is used.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use desk::release::ReleaseError;
use desk::{Desk, record_notified};
use domain::event::{AccountEvent, AccountEventKind, ChangedByAdmin, UnreadableEvent};
use domain::id::EventId;
use edges::Fatal;
use edges::clock::{self, Deadline};
use edges::config::{Config, name};
use edges::mail::{MailError, Mailer, reset_mail};
use edges::queue::Queue;
use edges::store::{Store, StoreError};

use super::{Fault, deliver};

/// The reason why an event was not handled.
#[derive(Debug, thiserror::Error)]
enum AccountError {
    #[error(transparent)]
    Unreadable(#[from] UnreadableEvent),
    #[error(transparent)]
    NotReleased(#[from] ReleaseError),
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for AccountError {
    fn is_final(&self) -> bool {
        match self {
            Self::Unreadable(_) => true,
            // Others keep changing the ticket, or it cannot be read. The other tickets are released
            // meanwhile.
            Self::NotReleased(ReleaseError::Ticket(..)) => false,
            Self::Mail(error) => error.is_final(),
            Self::NotReleased(ReleaseError::Store(error)) | Self::Store(error) => error.is_final(),
        }
    }
}

/// The worker for account events.
#[derive(Clone, Debug)]
pub struct Accounts {
    store: Store,
    resets: Option<Resets>,
    dead_letters: Queue,
}

/// The mailer for password resets, and the page that the mails link to.
#[derive(Clone, Debug)]
struct Resets {
    mailer: Mailer,
    page: String,
}

impl Accounts {
    /// Opens the worker of this deployment.
    ///
    /// # Errors
    /// The variables that are missing, or TLS that cannot be set up.
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        let resets = match Mailer::open(config).await? {
            Some(mailer) => {
                let [page] = config.required([name::PASSWORD_RESET_PAGE])?;
                Some(Resets { mailer, page })
            }
            None => None,
        };
        let [dead_letters] = Queue::open(config, [name::ACCOUNTS_DEAD_LETTERS_URL]).await?;
        Ok(Self { store: Store::open(config).await?, resets, dead_letters })
    }
}

/// Handles a batch of account events until the deadline, and returns which messages are to be
/// redelivered.
pub async fn follow_up_accounts(accounts: &Accounts, batch: SqsEvent, deadline: Deadline) -> SqsBatchResponse {
    deliver(batch, deadline, &accounts.dead_letters, async |message| follow_up(accounts, message).await).await
}

async fn follow_up(accounts: &Accounts, message: &SqsMessage) -> Result<(), AccountError> {
    let store = &accounts.store;
    let event = AccountEvent::from_json(message.body.as_deref().unwrap_or_default())?;
    match event.kind {
        AccountEventKind::RoleChanged(ChangedByAdmin { user_id, actor })
        | AccountEventKind::Deactivated(ChangedByAdmin { user_id, actor }) => {
            store.end_sessions(user_id, event.at, None).await?;
            Ok(Desk::new(store.clone()).release_tickets(user_id, &actor).await?)
        }
        // The change itself ended the earlier sessions, and tickets are taken anew.
        AccountEventKind::Reactivated(_) => Ok(()),
        AccountEventKind::PasswordChanged(changed) => {
            Ok(store.end_sessions(changed.user_id, event.at, changed.kept_session_id).await?)
        }
        AccountEventKind::PasswordResetRequested => mail_reset(accounts, event.id).await,
    }
}

async fn mail_reset(Accounts { store, resets, .. }: &Accounts, request: EventId) -> Result<(), AccountError> {
    let Some(Resets { mailer, page }) = resets else {
        tracing::warn!(event_id = %request, "reset not mailed: this deployment sends no mails");
        return Ok(store.end_reset_request(request).await?);
    };
    if let Some((user, token)) = store.begin_reset(request, clock::now()).await? {
        let language = store.preferences(user.id).await?.language;
        // A fragment stays in the browser. It appears in no server's log and in no Referer (RFC
        // 9110 §4.2.5).
        let link = format!("{page}#token={}", token.to_text());
        mailer.send(&user.email, &reset_mail(language, &link)?).await?;
        record_notified("email", request, None);
    }
    Ok(store.end_reset_request(request).await?)
}
