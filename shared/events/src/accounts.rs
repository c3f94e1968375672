//! From the queue of account events to what has to be done.
//!
//! Everything here may be done again: sessions end that were begun before the event, tickets are released that the person still
//! has, and a request for a reset that comes twice brings two mails, each with a link that is good until one of them was used.

use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use desk::change::{ChangeError, Changed, Terms, change_ticket};
use desk::note_told;
use domain::event::{AccountEvent, AccountEventKind, Concerned, UnreadableEvent};
use domain::id::{EventId, TicketNumber, UserId};
use domain::lifecycle::Status;
use domain::log::DeskReason;
use domain::ticket::{CommandRequest, Head, Outcome, Refusal, Ticket};
use domain::user::{Person, User};
use edges::Fatal;
use edges::clock::{self, Deadline};
use edges::config::{Config, name};
use edges::mail::{MailError, Mailer, reset_mail};
use edges::queue::Queue;
use edges::store::{AssigneeFilter, Page, Store, StoreError, TicketFilter};

use super::{Fault, deliver};

/// How long an index may lag behind its table: DynamoDB promises no bound, and propagates within a second as a rule (developer
/// guide, "Using Global Secondary Indexes").
const INDEX_LAG: Duration = Duration::from_secs(1);
/// Tickets looked at in one call.
const TICKETS_PER_PAGE: usize = 25;

/// Why an event was not dealt with.
#[derive(Debug, thiserror::Error)]
enum AccountError {
    #[error(transparent)]
    Unreadable(#[from] UnreadableEvent),
    #[error("ticket {0} was not released: {1:?}")]
    NotReleased(TicketNumber, ChangeError),
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for AccountError {
    fn is_final(&self) -> bool {
        match self {
            Self::Unreadable(_) => true,
            // A ticket that others keep changing, or that cannot be read: the other tickets are released meanwhile.
            Self::NotReleased(..) => false,
            Self::Mail(error) => error.is_final(),
            Self::Store(error) => error.is_final(),
        }
    }
}

/// What deals with events of accounts.
#[derive(Clone, Debug)]
pub struct Accounts {
    store: Store,
    resets: Option<Resets>,
    dead_letters: Queue,
}

/// What mails resets: the mailer, and the page that they link to.
#[derive(Clone, Debug)]
struct Resets {
    mailer: Mailer,
    page: String,
}

impl Accounts {
    /// The one of this deployment.
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

/// Does what a batch of account events asks for until the deadline, and says which messages are to come again.
pub async fn follow_up_accounts(accounts: &Accounts, batch: SqsEvent, deadline: Deadline) -> SqsBatchResponse {
    deliver(batch, deadline, &accounts.dead_letters, async |message| follow_up(accounts, message).await).await
}

async fn follow_up(accounts: &Accounts, message: &SqsMessage) -> Result<(), AccountError> {
    let store = &accounts.store;
    let event = AccountEvent::from_json(message.body.as_deref().unwrap_or_default())?;
    match event.kind {
        AccountEventKind::RoleChanged(Concerned { user_id, actor })
        | AccountEventKind::Deactivated(Concerned { user_id, actor }) => {
            store.end_sessions(user_id, event.at, None).await?;
            release_tickets(store, user_id, &actor).await
        }
        // The change itself put an end to the sessions of before, and tickets are taken anew.
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
        // A fragment stays in the browser: it is in no server's log and in no Referer (RFC 9110 §4.2.5).
        let link = format!("{page}#token={}", token.to_text());
        mailer.send(&user.email, &reset_mail(language, &link)?).await?;
        note_told("email", request, None);
    }
    Ok(store.end_reset_request(request).await?)
}

/// Puts the tickets that somebody works on back into the queue, in the name of the admin who took the work from them, unless they
/// are an active technician (again).
async fn release_tickets(store: &Store, user_id: UserId, actor: &Person) -> Result<(), AccountError> {
    if store.user(user_id).await?.as_ref().is_none_or(User::is_active_technician) {
        return Ok(());
    }
    let theirs = TicketFilter {
        assignee: Some(AssigneeFilter::Is(user_id)),
        status: Some(Status::InProgress),
        ..TicketFilter::default()
    };
    // A ticket they took a moment before may not be in the index yet: it is looked at again until it shows nothing any more.
    release_all(store, &theirs, user_id, actor).await?;
    loop {
        tokio::time::sleep(INDEX_LAG).await;
        if release_all(store, &theirs, user_id, actor).await? == 0 {
            return Ok(());
        }
    }
}

/// Releases all tickets that the index shows, one failing or not, and tells how many there were.
async fn release_all(
    store: &Store,
    theirs: &TicketFilter,
    user_id: UserId,
    actor: &Person,
) -> Result<usize, AccountError> {
    let (mut released, mut failure, mut after) = (0, None, None);
    loop {
        let page: Page<Head> = store.list_tickets(theirs, after.as_deref(), TICKETS_PER_PAGE).await?;
        for head in page.items {
            released += 1;
            failure = release(store, &head, user_id, actor).await.err().or(failure);
        }
        after = page.next;
        if after.is_none() {
            return failure.map_or(Ok(released), Err);
        }
    }
}

async fn release(store: &Store, head: &Head, user_id: UserId, actor: &Person) -> Result<(), AccountError> {
    let reason = DeskReason::AssigneeLeft.for_log().map_err(StoreError::corrupt)?;
    let release_if_still_theirs = |ticket: Ticket| -> Result<Outcome, Refusal> {
        if ticket.head.status != Status::InProgress || ticket.head.assignee_id() != Some(user_id) {
            return Ok(Outcome::Unchanged(Box::new(ticket)));
        }
        let change = ticket.execute(CommandRequest::Release(Some(reason.clone())), actor, clock::stamp())?;
        Ok(Outcome::Changed(Box::new(change)))
    };
    let unanswered = |_: &Changed| Err("no key was sent".into());
    let terms = Terms::default();
    let released = change_ticket(store, head.number, actor, &terms, release_if_still_theirs, unanswered).await;
    released.map(drop).map_err(|error| AccountError::NotReleased(head.number, error))
}
