//! The worker that takes events from their queue to the inbox and to the queues of the other
//! channels.
//!
//! The table in [`domain::notification`] says who is notified. Whether a recipient may still know
//! of the event is decided now, with the ticket and the accounts in their current state. The
//! recipient's preferences choose the channels. A notification is one item under (recipient,
//! event). A mail and a delivery are also stored under their own keys. A message that is delivered
//! twice therefore notifies each recipient once, however late the second delivery is. Mails and
//! webhooks have queues of their own, so that a slow receiver delays no other.
//!
//! Technicians are notified of a new ticket together, by one item that is merged into their
//! inboxes. Each technician who wants it is notified of an urgent ticket by a separate mail, up to
//! a number of tickets an hour.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use desk::deliveries::DeliveryOrder;
use desk::record_notified;
use domain::event::{Event, TicketEvent, UnreadableEvent};
use domain::id::{TicketNumber, UserId};
use domain::notification::{
    Channel, NotificationReason, NotificationTrigger, Recipient, mails_technicians, may_be_notified, recipients,
    technicians_except,
};
use domain::ticket::Head;
use domain::user::Role;
use domain::webhook::WEBHOOKS_MAX;
use edges::Fatal;
use edges::clock::{self, Deadline};
use edges::config::{Config, name};
use edges::queue::{Outgoing, Queue, SendError};
use edges::store::{KEPT_SECONDS, Notification, NotificationEvent, Page, Store, StoreError, Subscriber};

use super::email::MailOrder;
use crate::{Fault, deliver};

/// The largest number of technicians who are mailed about an urgent ticket. The oldest accounts
/// come first. Twenty reads of fifty each take some two seconds of the notifier's ten.
const MAILED_MAX: usize = 1_000;
/// The number of technicians read together. With their preferences, they are a hundred keys
/// (DynamoDB API reference, `BatchGetItem`).
const TECHNICIANS_PER_PAGE: usize = 50;

/// The queues of the channels besides the inbox, and the queue for events that can never be
/// handled.
#[derive(Clone, Debug)]
pub struct Channels {
    email: Queue,
    webhooks: Queue,
    dead_letters: Queue,
}

impl Channels {
    /// Creates the channels from these queues.
    #[must_use]
    pub const fn new(email: Queue, webhooks: Queue, dead_letters: Queue) -> Self {
        Self { email, webhooks, dead_letters }
    }

    /// Opens the queues that the environment names, with a connection to SQS already open.
    ///
    /// # Errors
    /// The variables that are missing, or TLS that cannot be set up.
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        let names = [name::EMAIL_QUEUE_URL, name::WEBHOOKS_QUEUE_URL, name::EVENTS_DEAD_LETTERS_URL];
        let [email, webhooks, dead_letters] = Queue::open(config, names).await?;
        Ok(Self::new(email, webhooks, dead_letters))
    }
}

/// The reason why not every recipient was notified of an event.
#[derive(Debug, thiserror::Error)]
enum NotifyError {
    #[error(transparent)]
    Unreadable(#[from] UnreadableEvent),
    #[error("an event of an account is not for this queue")]
    Misdirected,
    #[error("there is no ticket {0}")]
    NoTicket(TicketNumber),
    #[error(transparent)]
    Unwritable(#[from] serde_json::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Send(#[from] SendError),
}

impl Fault for NotifyError {
    fn is_final(&self) -> bool {
        match self {
            // A ticket has its head from its first entry on.
            Self::Unreadable(_) | Self::Misdirected | Self::NoTicket(_) | Self::Unwritable(_) => true,
            Self::Store(error) => error.is_final(),
            Self::Send(error) => error.is_final(),
        }
    }
}

/// Notifies the recipients of a batch of messages until the deadline, and returns which messages
/// are to be redelivered.
pub async fn notify((store, channels): &(Store, Channels), batch: SqsEvent, deadline: Deadline) -> SqsBatchResponse {
    deliver(batch, deadline, &channels.dead_letters, async |message| tell(store, channels, message).await).await
}

async fn tell(store: &Store, channels: &Channels, message: &SqsMessage) -> Result<(), NotifyError> {
    let text = message.body.as_deref().unwrap_or_default();
    match Event::from_json(text)? {
        Event::Ticket(event) => {
            let people = tell_people_of(store, channels, &event, text).await;
            // A failure to notify people does not stop the webhooks.
            both(people, tell_webhooks(store, channels, &event, text).await)
        }
        // A note concerns staff only, so no webhook gets it.
        Event::Note(event) => {
            let head = head(store, event.data.ticket).await?;
            let trigger = NotificationTrigger::of_note(&event, head.requester.id, head.assignee_id());
            tell_people(store, channels, &trigger, &head, text).await
        }
        Event::Account(_) => Err(NotifyError::Misdirected),
    }
}

/// Combines the results of two steps that were both tried. A temporary error comes first, because
/// the message is redelivered for it.
fn both(one: Result<(), NotifyError>, other: Result<(), NotifyError>) -> Result<(), NotifyError> {
    match (one, other) {
        (Err(one), Err(other)) if one.is_final() => Err(other),
        (one, other) => one.and(other),
    }
}

async fn tell_people_of(
    store: &Store,
    channels: &Channels,
    event: &TicketEvent,
    text: &str,
) -> Result<(), NotifyError> {
    let trigger = NotificationTrigger::of(event);
    let technicians = technicians_except(&trigger);
    if technicians.is_none() && recipients(&trigger).is_empty() {
        return Ok(());
    }
    let head = head(store, event.data.ticket).await?;
    let people = tell_people(store, channels, &trigger, &head, text).await;
    match technicians {
        Some(but) => both(people, notify_technicians(store, channels, &trigger, &head, but, text).await),
        None => people,
    }
}

async fn head(store: &Store, number: TicketNumber) -> Result<Head, NotifyError> {
    store.head(number).await?.ok_or(NotifyError::NoTicket(number))
}

async fn tell_people(
    store: &Store,
    channels: &Channels,
    trigger: &NotificationTrigger,
    head: &Head,
    text: &str,
) -> Result<(), NotifyError> {
    let recipients = recipients(trigger);
    let ids: Vec<UserId> = recipients.iter().map(|recipient| recipient.user_id).collect();
    let (mut mails, mut told) = (Vec::new(), Ok(()));
    for Subscriber { user, reading } in store.subscribers(&ids).await? {
        let Some(Recipient { reason, .. }) = recipients.iter().find(|recipient| recipient.user_id == user.id) else {
            continue;
        };
        if !may_be_notified(trigger, *reason, &user, head.requester.id, head.assignee_id()) {
            continue;
        }
        if reading.preferences.want(trigger.occasion, Channel::Inbox) {
            match store.notify(user.id, &notification(trigger, head, *reason), &reading.mark).await {
                Ok(true) => record_notified("inbox", trigger.id, Some(trigger.at)),
                Ok(false) => {}
                Err(error) => told = both(told, Err(error.into())),
            }
        }
        if reading.preferences.want(trigger.occasion, Channel::Email) {
            mails.push(MailOrder { event: text.to_owned(), user_id: user.id, reason: *reason }.to_message(trigger.id)?);
        }
    }
    both(told, channels.email.send_all(&mails).await.map_err(Into::into))
}

/// Notifies all technicians except these of a new ticket. Mails them if the ticket is urgent and
/// within the limit of its hour.
async fn notify_technicians(
    store: &Store,
    channels: &Channels,
    trigger: &NotificationTrigger,
    head: &Head,
    but: Vec<UserId>,
    text: &str,
) -> Result<(), NotifyError> {
    let mailed = if mails_technicians(head) {
        mail_technicians(store, channels, trigger, head, &but, text).await
    } else {
        Ok(())
    };
    both(share_with_technicians(store, trigger, head, but).await, mailed)
}

async fn share_with_technicians(
    store: &Store,
    trigger: &NotificationTrigger,
    head: &Head,
    but: Vec<UserId>,
) -> Result<(), NotifyError> {
    let told = notification(trigger, head, NotificationReason::NewTicket);
    if store.notify_technicians(trigger.id, &told, &but, clock::now).await?.is_some() {
        record_notified("inbox", trigger.id, Some(trigger.at));
    }
    Ok(())
}

async fn mail_technicians(
    store: &Store,
    channels: &Channels,
    trigger: &NotificationTrigger,
    head: &Head,
    but: &[UserId],
    text: &str,
) -> Result<(), NotifyError> {
    if !store.reserve_urgent_mail(trigger.ticket, trigger.actor.id, trigger.at).await? {
        tracing::info!(event_id = %trigger.id, "technicians not mailed");
        return Ok(());
    }
    let reason = NotificationReason::NewTicket;
    let (mut after, mut looked_at, mut mailed) = (None, 0, Ok(()));
    loop {
        let page: Page<_> = store.list_users(&[Role::Technician], after.as_deref(), TECHNICIANS_PER_PAGE).await?;
        let ids: Vec<UserId> = page.items.iter().map(|user| user.id).filter(|id| !but.contains(id)).collect();
        let mut mails = Vec::new();
        for Subscriber { user, reading } in store.subscribers(&ids).await? {
            if may_be_notified(trigger, reason, &user, head.requester.id, head.assignee_id())
                && reading.preferences.want(trigger.occasion, Channel::Email)
            {
                mails.push(MailOrder { event: text.to_owned(), user_id: user.id, reason }.to_message(trigger.id)?);
            }
        }
        // A mail that the queue can never take does not keep the technicians on the next pages from
        // theirs.
        match channels.email.send_all(&mails).await.map_err(NotifyError::from) {
            Err(error) if !error.is_final() => return Err(error),
            sent => mailed = both(mailed, sent),
        }
        looked_at += page.items.len();
        after = page.next;
        if after.is_none() || looked_at >= MAILED_MAX {
            return mailed;
        }
    }
}

async fn tell_webhooks(store: &Store, channels: &Channels, event: &TicketEvent, text: &str) -> Result<(), NotifyError> {
    let webhooks = store.webhooks(None, WEBHOOKS_MAX).await?.items;
    // An event from before a webhook was created is not for it, however late its message is
    // delivered.
    let wanting = webhooks.iter().filter(|webhook| webhook.created_at <= event.at && webhook.wants(event.event_type));
    let messages: Result<Vec<Outgoing>, serde_json::Error> = wanting
        .map(|webhook| DeliveryOrder { webhook_id: webhook.id, event_id: event.id, body: text.to_owned() })
        .map(|order| order.to_message(std::time::Duration::ZERO))
        .collect();
    Ok(channels.webhooks.send_all(&messages?).await?)
}

fn notification(trigger: &NotificationTrigger, head: &Head, reason: NotificationReason) -> Notification {
    Notification {
        id: trigger.id,
        event: NotificationEvent {
            occasion: trigger.occasion,
            ticket: Some(trigger.ticket),
            title: head.title.as_str().to_owned(),
            actor: trigger.actor.clone(),
            at: trigger.at,
        },
        reason,
        read_at: None,
        expires_at: clock::now().plus_seconds(KEPT_SECONDS).unix_seconds(),
    }
}
