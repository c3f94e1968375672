//! From the queue of mails to SES.
//!
//! A mail is kept as sent under (recipient, event), so one that is asked for twice is sent once. SES has no key under which it would do the same: if
//! its answer is lost, or the process or its time ends before that note, the mail is sent a second time, and not lost.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::event::{Event, TicketEvent, UnreadableEvent};
use domain::id::{EventId, TicketNumber, UserId};
use domain::log::{Field, FieldValue, LogEntry};
use domain::notification::{Channel, Happening, NotificationReason, may_be_told};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fault, deliver, note_told};
use crate::auth::{UnsubscribeKey, UnsubscribeToken};
use crate::clock::{self, Deadline};
use crate::config::name;
use crate::mail::{MailError, Mailer, TicketMail};
use crate::queue::{Outgoing, Queue};
use crate::store::{Store, StoreError};
use crate::{Fatal, config};

/// For how long after it happened something is still mailed, in seconds: a week. An outage ends long before; a mail that was put back
/// later would tell of what is over, and it is in the inbox.
const MAILED_WITHIN_SECONDS: i64 = 7 * 24 * 3_600;

/// A mail to be sent: to whom, of which event, and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct MailOrder {
    /// The event's envelope.
    pub(super) event: String,
    /// To whom.
    pub(super) user_id: UserId,
    /// Why they are told.
    pub(super) reason: NotificationReason,
}

impl MailOrder {
    /// The order as a message: the mails of one person are sent in their order.
    pub(super) fn to_message(&self, event: EventId) -> Result<Outgoing, serde_json::Error> {
        Ok(Outgoing {
            body: serde_json::to_string(self)?,
            group: Some(self.user_id.to_string()),
            deduplication_id: Some(format!("{event}.{}", self.user_id)),
            ..Outgoing::default()
        })
    }
}

/// What sends mails about tickets.
#[derive(Clone, Debug)]
pub struct TicketMailer {
    store: Store,
    mailer: Mailer,
    api_url: String,
    dead_letters: Queue,
}

impl TicketMailer {
    /// That store and mailer, where callers reach the API, and where mails go that can never be sent.
    #[must_use]
    pub const fn new(store: Store, mailer: Mailer, api_url: String, dead_letters: Queue) -> Self {
        Self { store, mailer, api_url, dead_letters }
    }

    /// The one of this deployment.
    ///
    /// # Errors
    /// The variables that are missing, or TLS that cannot be set up.
    pub async fn open() -> Result<Self, Fatal> {
        let [api_url] = config::required([name::API_URL])?;
        let [dead_letters] = Queue::open([name::EMAIL_DEAD_LETTERS_URL]).await?;
        Ok(Self::new(Store::open().await?, Mailer::open().await?, api_url, dead_letters))
    }
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
enum EmailError {
    #[error(transparent)]
    Malformed(#[from] serde_json::Error),
    #[error(transparent)]
    Unreadable(#[from] UnreadableEvent),
    #[error("nobody is mailed of an event of an account")]
    Misdirected,
    #[error("there is no ticket {0}")]
    NoTicket(TicketNumber),
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for EmailError {
    fn is_final(&self) -> bool {
        match self {
            Self::Malformed(_) | Self::Unreadable(_) | Self::Misdirected | Self::NoTicket(_) => true,
            Self::Mail(error) => error.is_final(),
            Self::Store(error) => error.is_final(),
        }
    }
}

/// Sends the mails of a batch of messages until the deadline, and says which messages are to come again.
pub async fn mail_people(mailer: &TicketMailer, batch: SqsEvent, deadline: Deadline) -> SqsBatchResponse {
    deliver(batch, deadline, &mailer.dead_letters, async |message| mail_one(mailer, message).await).await
}

async fn mail_one(
    TicketMailer { store, mailer, api_url, .. }: &TicketMailer,
    message: &SqsMessage,
) -> Result<(), EmailError> {
    let order: MailOrder = serde_json::from_str(message.body.as_deref().unwrap_or_default())?;
    let event = Event::from_json(&order.event)?;
    if is_over(&event, clock::now()) || store.was_mailed(order.user_id, event.id()).await? {
        return Ok(());
    }
    let Some(subscriber) = store.subscribers(&[order.user_id]).await?.pop() else {
        return Ok(());
    };
    let number = match &event {
        Event::Ticket(event) => event.data.ticket,
        Event::Note(event) => event.data.ticket,
        Event::Account(_) => return Err(EmailError::Misdirected),
    };
    let head = store.head(number).await?.ok_or(EmailError::NoTicket(number))?;
    let (requester, assignee) = (head.requester.id, head.assignee_id());
    let (happening, quote) = match &event {
        Event::Ticket(event) => (Happening::of(event), quote(store, event).await?),
        // What a note says is in no mail, whoever gets it.
        Event::Note(event) => (Happening::of_note(event, requester, assignee), None),
        Event::Account(_) => return Err(EmailError::Misdirected),
    };
    let (user, preferences) = (subscriber.user, subscriber.preferences);
    let told = may_be_told(&happening, &user, requester, assignee);
    if !told || !preferences.want(happening.occasion, Channel::Email) {
        return Ok(());
    }
    let key = store.unsubscribe_key(user.id, UnsubscribeKey::new(clock::random())).await?;
    let mail = TicketMail {
        language: preferences.language,
        occasion: happening.occasion,
        reason: order.reason,
        event: happening.id,
        actor: happening.actor.name.as_str(),
        quote: quote.as_deref(),
        number: number.get(),
        title: head.title.as_str(),
        status: head.status,
        domain: mailer.domain(),
        api_url,
        unsubscribe: &UnsubscribeToken { user_id: user.id, key },
    };
    mailer.send(&user.email, &mail.write()?).await?;
    note_told("email", happening.id, Some(happening.at));
    Ok(store.note_mailed(user.id, happening.id, clock::now()).await?)
}

/// Whether an event is too long ago to be mailed.
fn is_over(event: &Event, now: Timestamp) -> bool {
    event.at().plus_seconds(MAILED_WITHIN_SECONDS) < now
}

/// What was said with an event: a comment, a resolution, or a reason.
async fn quote(store: &Store, event: &TicketEvent) -> Result<Option<String>, StoreError> {
    let entry = store.log_entry(event.data.ticket, event.data.seq).await?;
    Ok(entry.and_then(|entry| {
        let comment = entry.body.as_ref().map(|body| body.as_str().to_owned());
        comment.or_else(|| resolution_in(&entry)).or_else(|| entry.reason.map(|reason| reason.as_str().to_owned()))
    }))
}

fn resolution_in(entry: &LogEntry) -> Option<String> {
    let change = entry.changes.iter().find(|change| change.field == Field::Resolution)?;
    match &change.new {
        Some(FieldValue::Text(text)) => Some(text.clone()),
        _ => None,
    }
}
