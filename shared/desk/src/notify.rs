//! Notifies people and webhooks of events.
//!
//! The table in [`domain::notification`] says who is notified. Whether a recipient may still know
//! of the event is decided when it is handled, with the ticket and the accounts in their current
//! state. The recipient's preferences choose the channels. A notification is one item under
//! (recipient, event). A mail and a delivery are also stored under their own keys. An event that is
//! handled twice therefore notifies each recipient once, however late the second time is. Mails and
//! webhooks have queues of their own, so that a slow receiver delays no other.
//!
//! Technicians are notified of a new ticket together, by one item that is merged into their
//! inboxes. Each technician who wants such mails gets a separate mail about an urgent ticket, up to
//! a number of tickets an hour.

mod technicians;

use std::time::Duration;

use domain::event::{Event, TicketEvent, UnreadableEvent};
use domain::id::{TicketNumber, UserId};
use domain::notification::{
    Channel, NotificationReason, NotificationTrigger, Recipient, excluded_technicians, may_be_notified, recipients,
};
use domain::ticket::Head;
use domain::user::User;
use domain::webhook::WEBHOOKS_MAX;
use edges::clock;
use edges::queue::{OutgoingMessage, Queue, SendError};
use edges::store::{KEPT_SECONDS, Notification, NotificationEvent, Store, StoreError, Subscriber};

use crate::deliveries::DeliveryRequest;
use crate::record_notified;
use crate::ticket_mails::MailRequest;

/// The queues of the channels besides the inbox.
#[derive(Clone, Debug)]
pub struct ChannelQueues {
    /// The queue of requests to send mails.
    pub email: Queue,
    /// The queue of requests to post to webhooks.
    pub webhooks: Queue,
}

/// Notifies people and webhooks of events.
#[derive(Clone, Debug)]
pub struct Notifier {
    store: Store,
    channels: ChannelQueues,
}

/// The reason why not every recipient was notified of an event. Those that could be notified were.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// The event cannot be read.
    #[error(transparent)]
    Unreadable(#[from] UnreadableEvent),
    /// The event is an account event.
    #[error("account events do not belong in this queue")]
    Misdirected,
    /// The ticket does not exist.
    #[error("there is no ticket {0}")]
    NoTicket(TicketNumber),
    /// The table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Requests for mails or deliveries were not sent.
    #[error(transparent)]
    Send(#[from] SendError),
}

impl NotifyError {
    /// Returns whether the event would fail in the same way on every retry.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        match self {
            // A ticket has its head from its first entry on.
            Self::Unreadable(_) | Self::Misdirected | Self::NoTicket(_) => true,
            Self::Store(error) => error.is_final(),
            Self::Send(error) => error.is_final(),
        }
    }

    /// Combines the results of two steps that were both tried. A temporary error comes first,
    /// because the event is handled again for it.
    fn first_of(one: Result<(), Self>, other: Result<(), Self>) -> Result<(), Self> {
        match (one, other) {
            (Err(one), Err(other)) if one.is_final() => Err(other),
            (one, other) => one.and(other),
        }
    }
}

/// The content of notifications: what happened, the ticket in its current state, and the event's
/// envelope, which is passed on as it is.
struct Notice<'a> {
    trigger: NotificationTrigger,
    head: Head,
    envelope: &'a str,
}

impl Notice<'_> {
    /// Returns whether this account may currently be notified for that reason.
    fn may_reach(&self, user: &User, reason: NotificationReason) -> bool {
        may_be_notified(&self.trigger, reason, user, self.head.requester.id, self.head.assignee_id())
    }

    /// Returns whether the account is mailed about it. A service account has no address.
    fn is_mailed_to(&self, Subscriber { user, inbox_state }: &Subscriber) -> bool {
        !user.is_service() && inbox_state.preferences.want(self.trigger.notification_type, Channel::Email)
    }

    fn notification(&self, reason: NotificationReason) -> Notification {
        let NotificationTrigger { id, notification_type, ticket, actor, at, .. } = &self.trigger;
        Notification {
            id: *id,
            event: NotificationEvent {
                notification_type: *notification_type,
                ticket: Some(*ticket),
                title: self.head.title.as_str().to_owned(),
                actor: actor.clone(),
                at: *at,
            },
            reason,
            read_at: None,
            expires_at: clock::now().plus_seconds(KEPT_SECONDS).unix_seconds(),
        }
    }

    /// Returns the message that requests a mail about it.
    fn mail(&self, user_id: UserId, reason: NotificationReason) -> OutgoingMessage {
        MailRequest { event: self.envelope.to_owned(), user_id, reason }.to_message(self.trigger.id)
    }
}

impl Notifier {
    /// Creates the value from the store and the queues of the other channels.
    #[must_use]
    pub const fn new(store: Store, channels: ChannelQueues) -> Self {
        Self { store, channels }
    }

    /// Notifies everyone who is to be notified of an event, given as its envelope.
    ///
    /// # Errors
    /// If this fails, a retry notifies only the recipients that were not notified yet.
    pub async fn notify(&self, envelope: &str) -> Result<(), NotifyError> {
        match Event::from_json(envelope)? {
            Event::Ticket(event) => {
                let people = self.notify_of_entry(&event, envelope).await;
                // A failure to notify people does not stop the webhooks.
                NotifyError::first_of(people, self.request_deliveries(&event, envelope).await)
            }
            // A note concerns staff only, so no webhook gets it.
            Event::Note(event) => {
                let head = self.head(event.data.ticket).await?;
                let trigger = NotificationTrigger::of_note(&event, head.requester.id, head.assignee_id());
                self.notify_recipients(&Notice { trigger, head, envelope }).await
            }
            Event::Account(_) => Err(NotifyError::Misdirected),
        }
    }

    /// Notifies people of an entry of a ticket's log.
    async fn notify_of_entry(&self, event: &TicketEvent, envelope: &str) -> Result<(), NotifyError> {
        let trigger = NotificationTrigger::of(event);
        let except = excluded_technicians(&trigger);
        if except.is_none() && recipients(&trigger).is_empty() {
            return Ok(());
        }
        let notice = Notice { trigger, head: self.head(event.data.ticket).await?, envelope };
        let people = self.notify_recipients(&notice).await;
        match except {
            Some(except) => NotifyError::first_of(people, self.notify_technicians(&notice, &except).await),
            None => people,
        }
    }

    async fn head(&self, number: TicketNumber) -> Result<Head, NotifyError> {
        self.store.head(number).await?.ok_or(NotifyError::NoTicket(number))
    }

    /// Notifies the recipients that the table names individually.
    async fn notify_recipients(&self, notice: &Notice<'_>) -> Result<(), NotifyError> {
        let trigger = &notice.trigger;
        let recipients = recipients(trigger);
        let ids: Vec<UserId> = recipients.iter().map(|recipient| recipient.user_id).collect();
        let (mut mails, mut notified) = (Vec::new(), Ok(()));
        for subscriber in self.store.subscribers(&ids).await? {
            let Subscriber { user, inbox_state } = &subscriber;
            let Some(Recipient { reason, .. }) = recipients.iter().find(|recipient| recipient.user_id == user.id)
            else {
                continue;
            };
            if !notice.may_reach(user, *reason) {
                continue;
            }
            if inbox_state.preferences.want(trigger.notification_type, Channel::Inbox) {
                match self.store.notify(user.id, &notice.notification(*reason), &inbox_state.mark).await {
                    Ok(true) => record_notified("inbox", trigger.id, Some(trigger.at)),
                    Ok(false) => {}
                    Err(error) => notified = NotifyError::first_of(notified, Err(error.into())),
                }
            }
            if notice.is_mailed_to(&subscriber) {
                mails.push(notice.mail(user.id, *reason));
            }
        }
        NotifyError::first_of(notified, self.channels.email.send_all(&mails).await.map_err(Into::into))
    }

    /// Requests the deliveries of an event to the webhooks that want it.
    async fn request_deliveries(&self, event: &TicketEvent, envelope: &str) -> Result<(), NotifyError> {
        let webhooks = self.store.webhooks(None, WEBHOOKS_MAX).await?.items;
        // A webhook gets no event from before it was created, however late the message arrives.
        let wanting =
            webhooks.iter().filter(|webhook| webhook.created_at <= event.at && webhook.wants(event.event_type));
        let messages: Vec<OutgoingMessage> = wanting
            .map(|webhook| DeliveryRequest { webhook_id: webhook.id, event_id: event.id, body: envelope.to_owned() })
            .map(|request| request.to_message(Duration::ZERO))
            .collect();
        Ok(self.channels.webhooks.send_all(&messages).await?)
    }
}
