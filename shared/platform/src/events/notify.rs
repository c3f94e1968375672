//! From the queue to the inbox.
//!
//! Who is told is the table of [`domain::notification`]; whether they may still know is decided now, with the ticket and the
//! accounts as they are. A notification is one item under (recipient, event), so a message that comes twice tells nobody twice,
//! however much later it comes.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::event::{TicketEvent, UnreadableEvent};
use domain::id::UserId;
use domain::notification::{may_be_told, recipients};
use domain::ticket::Head;

use super::deliver;
use crate::clock::{self, Deadline};
use crate::store::{KEPT_SECONDS, Notification, NotificationEvent, Store, StoreError};

/// Why an event's people were not told; they will be when its message comes again.
#[derive(Debug, thiserror::Error)]
enum NotifyError {
    #[error(transparent)]
    Unreadable(#[from] UnreadableEvent),
    #[error("there is no ticket {0}")]
    NoTicket(domain::id::TicketNumber),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Tells the people of a batch of messages until the deadline, and says which messages are to come again.
pub async fn notify(store: &Store, batch: SqsEvent, deadline: Deadline) -> SqsBatchResponse {
    deliver(batch, deadline, async |message| tell(store, message).await).await
}

async fn tell(store: &Store, message: &SqsMessage) -> Result<(), NotifyError> {
    let event = TicketEvent::from_json(message.body.as_deref().unwrap_or_default())?;
    let recipients = recipients(&event);
    if recipients.is_empty() {
        return Ok(());
    }
    let number = event.data.ticket;
    let head = store.head(number).await?.ok_or(NotifyError::NoTicket(number))?;
    let ids: Vec<UserId> = recipients.iter().map(|recipient| recipient.user_id).collect();
    for user in store.users(&ids).await? {
        let recipient = recipients.iter().find(|recipient| recipient.user_id == user.id);
        if let Some(recipient) = recipient
            && may_be_told(&user, head.requester.id, head.assignee_id())
        {
            let notification = notification(&event, &head, recipient.reason);
            store.notify(user.id, &notification).await?;
        }
    }
    Ok(())
}

fn notification(event: &TicketEvent, head: &Head, reason: domain::notification::NotificationReason) -> Notification {
    Notification {
        id: event.id,
        event: NotificationEvent {
            event_type: event.event_type,
            ticket: event.data.ticket,
            title: head.title.clone(),
            actor: event.data.actor.clone(),
            at: event.at,
        },
        reason,
        read_at: None,
        expires_at: clock::now().plus_seconds(KEPT_SECONDS).unix_seconds(),
    }
}
