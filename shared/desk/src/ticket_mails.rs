//! Sends mails about tickets, each once.
//!
//! A mail is recorded as sent under (recipient, event), so that a mail requested twice is sent
//! once. SES has no idempotency key. If its response is lost, or the process dies or times out
//! before the mail is recorded, the mail is sent twice rather than lost.

mod entries;

use domain::event::{Event, UnreadableEvent};
use domain::id::{EventId, TicketNumber, UserId};
use domain::notification::{
    NotificationReason, NotificationTrigger, Preferences, may_be_notified, should_mail_technicians,
};
use domain::ticket::Head;
use domain::time::Timestamp;
use domain::user::User;
use edges::Fatal;
use edges::auth::{UnsubscribeKey, UnsubscribeToken};
use edges::clock;
use edges::config::{Config, name};
use edges::mail::{Mail, MailError, Mailer, TicketMail};
use edges::queue::OutgoingMessage;
use edges::store::{Store, StoreError, Subscriber};
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::entries::Entries;
use crate::record_notified;

/// How long after an event its mail is still sent, in seconds: a week. Outages are shorter. A mail
/// redriven later would be outdated, and the notification is in the inbox.
const MAILED_WITHIN_SECONDS: i64 = 7 * 24 * 3_600;

/// The placeholder for the ticket's number in the address of a ticket's page.
const NUMBER_IN_PAGE: &str = "{number}";

/// A request to send a mail: the recipient, the event and the reason.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MailRequest {
    /// The event's envelope.
    pub event: String,
    /// The recipient.
    pub user_id: UserId,
    /// The reason why the recipient is notified.
    pub reason: NotificationReason,
}

impl MailRequest {
    /// Converts the request to a message. The mails of one recipient are sent in order.
    pub fn to_message(&self, event: EventId) -> OutgoingMessage {
        OutgoingMessage {
            body: json!(self).to_string(),
            group: Some(self.user_id.to_string()),
            deduplication_id: Some(format!("{event}.{}", self.user_id)),
            ..OutgoingMessage::default()
        }
    }
}

/// The reason why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum TicketMailError {
    /// The message is not a mail request.
    #[error(transparent)]
    Malformed(#[from] serde_json::Error),
    /// The event cannot be read.
    #[error(transparent)]
    Unreadable(#[from] UnreadableEvent),
    /// The event is an account event.
    #[error("account events are not mailed")]
    Misdirected,
    /// The ticket does not exist.
    #[error("there is no ticket {0}")]
    NoTicket(TicketNumber),
    /// The mail could not be written or sent.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// The table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TicketMailError {
    /// Returns whether the request would fail in the same way on every retry.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Malformed(_) | Self::Unreadable(_) | Self::Misdirected | Self::NoTicket(_) => true,
            Self::Mail(error) => error.is_final(),
            Self::Store(error) => error.is_final(),
        }
    }
}

/// Sends mails about tickets.
#[derive(Clone, Debug)]
pub struct TicketMailer {
    store: Store,
    mailer: Mailer,
    api_url: String,
    ticket_page: Option<String>,
}

impl TicketMailer {
    /// Creates the value from the store, the mailer, the address at which callers reach the API,
    /// and the address of a ticket's page, with `{number}` in it, if there is one.
    #[must_use]
    pub const fn new(store: Store, mailer: Mailer, api_url: String, ticket_page: Option<String>) -> Self {
        Self { store, mailer, api_url, ticket_page }
    }

    /// Opens the mailer of this deployment, or `None` if it sends no mails.
    ///
    /// # Errors
    /// Fails if variables are missing or TLS cannot be set up.
    pub async fn open(config: &Config) -> Result<Option<Self>, Fatal> {
        let [api_url] = config.required([name::API_URL])?;
        let ticket_page = config.optional(name::TICKET_PAGE).map(str::to_owned);
        let store = Store::open(config).await?;
        Ok(Mailer::open(config).await?.map(|mailer| Self::new(store, mailer, api_url, ticket_page)))
    }

    /// Sends a mail, if it was not sent before and its recipient may still be notified of the event
    /// and wants a mail about it.
    ///
    /// # Errors
    /// If the mail was sent but could not be recorded, it may be sent a second time.
    pub async fn send(&self, request: &MailRequest) -> Result<(), TicketMailError> {
        let Some(due) = self.due(request).await? else { return Ok(()) };
        let (user, trigger) = (&due.user, &due.trigger);
        // A service account is never mailed.
        let Some(email) = &user.email else { return Ok(()) };
        let key = self.store.unsubscribe_key(user.id, UnsubscribeKey::new(clock::random())).await?;
        let mail = self.mail(&due, &UnsubscribeToken { user_id: user.id, key })?;
        self.mailer.send(email, &mail).await?;
        record_notified("email", trigger.id, Some(trigger.at));
        Ok(self.store.record_mailed(user.id, trigger.id, clock::now()).await?)
    }

    /// Returns the mail to send, or `None` if it was sent, is too old, or may no longer be sent.
    async fn due(&self, request: &MailRequest) -> Result<Option<Due>, TicketMailError> {
        let event = Event::from_json(&request.event)?;
        if is_over(&event, clock::now()) || self.store.was_mailed(request.user_id, event.id()).await? {
            return Ok(None);
        }
        let Some(Subscriber { user, inbox_state }) = self.store.subscribers(&[request.user_id]).await?.pop() else {
            return Ok(None);
        };
        let (head, trigger, entries) = self.read(&event).await?;
        let due = Due { user, preferences: inbox_state.preferences, reason: request.reason, trigger, head, entries };
        Ok(due.is_allowed_and_wanted().then_some(due))
    }

    /// Returns the ticket of an event, what the event triggers, and what its mail quotes.
    async fn read(&self, event: &Event) -> Result<(Head, NotificationTrigger, Entries), TicketMailError> {
        match event {
            Event::Ticket(event) => {
                let head = self.head(event.data.ticket).await?;
                Ok((head, NotificationTrigger::of(event), Entries::of(&self.store, event).await?))
            }
            // No mail contains the text of a note.
            Event::Note(event) => {
                let head = self.head(event.data.ticket).await?;
                let trigger = NotificationTrigger::of_note(event, head.requester.id, head.assignee_id());
                Ok((head, trigger, Entries::default()))
            }
            Event::Account(_) => Err(TicketMailError::Misdirected),
        }
    }

    async fn head(&self, number: TicketNumber) -> Result<Head, TicketMailError> {
        self.store.head(number).await?.ok_or(TicketMailError::NoTicket(number))
    }

    fn mail(&self, due: &Due, unsubscribe: &UnsubscribeToken) -> Result<Mail, MailError> {
        let Due { preferences, reason, trigger, head, entries, .. } = due;
        let link = |page: &String| page.replace(NUMBER_IN_PAGE, &head.number.to_string());
        let mail = TicketMail {
            language: preferences.language,
            notification_type: trigger.notification_type,
            reason: *reason,
            event: trigger.id,
            reopened_by_comment: entries.reopened_by_comment,
            actor: &trigger.actor,
            quoted: entries.quoted.as_ref(),
            number: head.number.get(),
            title: head.title.as_str(),
            status: head.status,
            domain: self.mailer.domain(),
            api_url: &self.api_url,
            link: self.ticket_page.as_ref().map(link),
            unsubscribe,
        };
        mail.write()
    }
}

/// A requested mail: the recipient, the event, and the ticket in its current state.
struct Due {
    user: User,
    preferences: Preferences,
    reason: NotificationReason,
    trigger: NotificationTrigger,
    head: Head,
    entries: Entries,
}

impl Due {
    /// Returns whether the recipient may still be mailed about the event, and wants to be.
    fn is_allowed_and_wanted(&self) -> bool {
        let Self { user, preferences, reason, trigger, head, entries } = self;
        let may_be_mailed = *reason != NotificationReason::NewTicket || should_mail_technicians(head);
        may_be_mailed
            && may_be_notified(trigger, *reason, user, head.requester.id, head.assignee_id())
            && entries.is_wanted(trigger.notification_type, preferences)
    }
}

/// Returns whether an event is too old to be mailed.
fn is_over(event: &Event, now: Timestamp) -> bool {
    event.at().plus_seconds(MAILED_WITHIN_SECONDS) < now
}
