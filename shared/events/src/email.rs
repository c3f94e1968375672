//! The worker that sends mails from their queue through SES.
//!
//! A mail is recorded as sent under (recipient, event), so that a mail requested twice is sent
//! once. SES has no idempotency key. If its answer is lost, or the process or its time ends before
//! the mail is recorded, the mail is sent twice rather than lost.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use desk::record_notified;
use domain::event::{Event, TicketEvent, UnreadableEvent};
use domain::id::{EventId, TicketNumber, UserId};
use domain::lifecycle::EventType;
use domain::log::{DeskReason, Field, FieldValue, LogEntry};
use domain::notification::{
    Channel, NotificationReason, NotificationTrigger, Occasion, Preferences, mails_technicians, may_be_notified,
};
use domain::time::Timestamp;
use edges::Fatal;
use edges::auth::{UnsubscribeKey, UnsubscribeToken};
use edges::clock::{self, Deadline};
use edges::config::{Config, name};
use edges::mail::{MailError, Mailer, Said, TicketMail};
use edges::queue::{Outgoing, Queue};
use edges::store::{Store, StoreError};
use serde::{Deserialize, Serialize};

use super::{Fault, deliver};

/// How long after an event its mail is still sent, in seconds: a week. An outage ends long before.
/// A mail redriven later would report something that is over, and the notification is in the inbox.
const MAILED_WITHIN_SECONDS: i64 = 7 * 24 * 3_600;

/// An order to send a mail: the recipient, the event and the reason.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct MailOrder {
    /// The event's envelope.
    pub(super) event: String,
    /// The recipient.
    pub(super) user_id: UserId,
    /// The reason why the recipient is notified.
    pub(super) reason: NotificationReason,
}

impl MailOrder {
    /// Converts the order to a message. The mails of one recipient are sent in order.
    pub(super) fn to_message(&self, event: EventId) -> Result<Outgoing, serde_json::Error> {
        Ok(Outgoing {
            body: serde_json::to_string(self)?,
            group: Some(self.user_id.to_string()),
            deduplication_id: Some(format!("{event}.{}", self.user_id)),
            ..Outgoing::default()
        })
    }
}

/// The worker that sends mails about tickets.
#[derive(Clone, Debug)]
pub struct TicketMailer {
    store: Store,
    mailer: Option<Mailer>,
    api_url: String,
    dead_letters: Queue,
    ticket_page: Option<String>,
}

/// The placeholder for the ticket's number in the address of a ticket's page.
const NUMBER_IN_PAGE: &str = "{number}";

impl TicketMailer {
    /// Creates the worker from the store, the mailer (if mails are sent), the address at which
    /// callers reach the API, the queue for mails that can never be sent, and the address of a
    /// ticket's page, with `{number}` in it, if there is one.
    #[must_use]
    pub const fn new(
        store: Store,
        mailer: Option<Mailer>,
        api_url: String,
        dead_letters: Queue,
        ticket_page: Option<String>,
    ) -> Self {
        Self { store, mailer, api_url, dead_letters, ticket_page }
    }

    /// Opens the worker of this deployment.
    ///
    /// # Errors
    /// The variables that are missing, or TLS that cannot be set up.
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        let [api_url] = config.required([name::API_URL])?;
        let [dead_letters] = Queue::open(config, [name::EMAIL_DEAD_LETTERS_URL]).await?;
        let ticket_page = config.optional(name::TICKET_PAGE).map(str::to_owned);
        Ok(Self::new(Store::open(config).await?, Mailer::open(config).await?, api_url, dead_letters, ticket_page))
    }
}

/// The reason why a mail was not sent.
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

/// Sends the mails of a batch of messages until the deadline, and returns which messages are to be
/// redelivered.
pub async fn mail_people(mailer: &TicketMailer, batch: SqsEvent, deadline: Deadline) -> SqsBatchResponse {
    deliver(batch, deadline, &mailer.dead_letters, async |message| mail_one(mailer, message).await).await
}

async fn mail_one(
    TicketMailer { store, mailer, api_url, ticket_page, .. }: &TicketMailer,
    message: &SqsMessage,
) -> Result<(), EmailError> {
    // In a deployment that sends no mails, no recipient waits for this one.
    let Some(mailer) = mailer else {
        return Ok(());
    };
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
    let (trigger, entries) = match &event {
        Event::Ticket(event) => (NotificationTrigger::of(event), Entries::of(store, event).await?),
        // The text of a note is in no mail, whatever its recipient.
        Event::Note(event) => (NotificationTrigger::of_note(event, requester, assignee), Entries::default()),
        Event::Account(_) => return Err(EmailError::Misdirected),
    };
    let (user, preferences) = (subscriber.user, subscriber.reading.preferences);
    let is_due = order.reason != NotificationReason::NewTicket || mails_technicians(&head);
    let told = is_due && may_be_notified(&trigger, order.reason, &user, requester, assignee);
    if !told || !entries.is_wanted(trigger.occasion, &preferences) {
        return Ok(());
    }
    let key = store.unsubscribe_key(user.id, UnsubscribeKey::new(clock::random())).await?;
    let mail = TicketMail {
        language: preferences.language,
        occasion: trigger.occasion,
        reason: order.reason,
        event: trigger.id,
        reopened_by_comment: entries.reopened_by_comment,
        actor: &trigger.actor,
        said: entries.said.as_ref(),
        number: number.get(),
        title: head.title.as_str(),
        status: head.status,
        domain: mailer.domain(),
        api_url,
        link: ticket_page.as_ref().map(|page| page.replace(NUMBER_IN_PAGE, &number.to_string())),
        unsubscribe: &UnsubscribeToken { user_id: user.id, key },
    };
    mailer.send(&user.email, &mail.write()?).await?;
    record_notified("email", trigger.id, Some(trigger.at));
    Ok(store.record_mailed(user.id, trigger.id, clock::now()).await?)
}

/// Returns whether an event is too old to be mailed.
fn is_over(event: &Event, now: Timestamp) -> bool {
    event.at().plus_seconds(MAILED_WITHIN_SECONDS) < now
}

/// The log's information about an event.
#[derive(Debug, Default)]
struct Entries {
    /// The text that came with the event.
    said: Option<Said>,
    /// Whether the event is one half of a comment that reopened the ticket.
    reopened_by_comment: bool,
}

impl Entries {
    /// Reads the event's log entry, and the adjacent one if both may describe one action.
    async fn of(store: &Store, TicketEvent { event_type, data, .. }: &TicketEvent) -> Result<Self, StoreError> {
        let places = match event_type {
            EventType::Commented => vec![data.seq, data.seq + 1],
            EventType::Reopened => vec![data.seq - 1, data.seq],
            _ => vec![data.seq],
        };
        let entries = store.log_entries(data.ticket, &places).await?;
        if let [comment, reopening] = entries.as_slice()
            && reopening.is_reopening_by(comment)
        {
            return Ok(Self { said: said(comment), reopened_by_comment: true });
        }
        let own = entries.iter().find(|entry| entry.seq == data.seq);
        Ok(Self { said: own.and_then(said), reopened_by_comment: false })
    }

    /// Returns whether the recipient wants a mail about the event. A comment that reopens the
    /// ticket is two events and is reported once: with the comment, or with the reopening for
    /// recipients who get no mails of comments.
    fn is_wanted(&self, occasion: Occasion, preferences: &Preferences) -> bool {
        let wants = |occasion| preferences.want(occasion, Channel::Email);
        let is_told_already = self.reopened_by_comment
            && occasion == Occasion::Log(EventType::Reopened)
            && wants(Occasion::Log(EventType::Commented));
        wants(occasion) && !is_told_already
    }
}

/// Returns the text of an entry: a comment, a resolution, or a reason.
fn said(entry: &LogEntry) -> Option<Said> {
    if let Some(reason) = DeskReason::of(entry) {
        return Some(Said::ByDesk(reason));
    }
    let comment = entry.body.as_ref().map(|body| body.as_str().to_owned());
    let reason = || entry.reason.as_ref().map(|reason| reason.as_str().to_owned());
    comment.or_else(|| resolution_in(entry)).or_else(reason).map(Said::ByPerson)
}

fn resolution_in(entry: &LogEntry) -> Option<String> {
    let change = entry.changes.iter().find(|change| change.field == Field::Resolution)?;
    match &change.new {
        Some(FieldValue::Text(text)) => Some(text.clone()),
        _ => None,
    }
}
