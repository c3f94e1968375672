//! Who is notified of an event, and why: one table.
//!
//! | reason | who | of which events |
//! |---|---|---|
//! | assigned | the assignee | assigned, `handed_over` |
//! | released | the former assignee | released, `handed_over` |
//! | assignee | the assignee | all others, and notes |
//! | requester | the requester | all, but not notes |
//! | `new_ticket` | all technicians together | opened |
//!
//! The actor is never notified. No one is notified twice: the first row that fits counts. At the
//! time of notification a person who may not see the ticket, or the note, is not notified, and
//! neither is an inactive account. Recipients choose their channels: see [`Preferences`].
//! Technicians get mail about a new ticket only if it is [urgent and open](mails_technicians), and
//! only about a limited number of them an hour.

mod notification_type;
mod preferences;
mod read_mark;

use serde::{Deserialize, Serialize};

pub use notification_type::NotificationType;
pub use preferences::{Channel, Preferences};
pub use read_mark::ReadMark;

use crate::event::{NoteEvent, TicketEvent};
use crate::id::{EventId, TicketNumber, UserId};
use crate::lifecycle::{EventType, Status};
use crate::permission::{DeskAction, TicketAction, TicketRole};
use crate::ticket::{Head, Priority};
use crate::time::Timestamp;
use crate::user::{Person, User};

/// The reason why a person is notified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationReason {
    /// The ticket was assigned to them.
    Assigned,
    /// The ticket is no longer assigned to them.
    Released,
    /// They work on the ticket.
    Assignee,
    /// They are the requester.
    Requester,
    /// The ticket waits for a technician, and they are one.
    NewTicket,
    /// They manage the help desk.
    Admin,
}

/// What happened to a ticket, as far as it decides who is notified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationTrigger {
    /// The id of the event.
    pub id: EventId,
    pub notification_type: NotificationType,
    pub ticket: TicketNumber,
    pub actor: Person,
    /// The service account that acted for the actor, if one did.
    pub via: Option<UserId>,
    /// When it happened.
    pub at: Timestamp,
    requester: UserId,
    /// The assignee after it.
    assignee: Option<UserId>,
    /// The assignee before it, if it changed the assignee.
    former_assignee: Option<UserId>,
}

impl NotificationTrigger {
    /// Converts the event of a log entry.
    #[must_use]
    pub fn of(event: &TicketEvent) -> Self {
        Self {
            id: event.id,
            notification_type: NotificationType::Log(event.event_type),
            ticket: event.data.ticket,
            actor: event.data.actor.clone(),
            via: event.data.via.as_ref().map(|service| service.id),
            at: event.at,
            requester: event.data.requester_id,
            assignee: event.data.assignee_id,
            former_assignee: event.data.former_assignee_id,
        }
    }

    /// Converts the event of a note on a ticket that has this requester and assignee now.
    #[must_use]
    pub fn of_note(event: &NoteEvent, requester: UserId, assignee: Option<UserId>) -> Self {
        Self {
            id: event.id,
            notification_type: NotificationType::NoteWritten,
            ticket: event.data.ticket,
            actor: event.data.actor.clone(),
            via: event.data.via.as_ref().map(|service| service.id),
            at: event.at,
            requester,
            assignee,
            former_assignee: None,
        }
    }

    /// Returns the account whose credentials caused it.
    #[must_use]
    pub fn owner(&self) -> UserId {
        self.via.unwrap_or(self.actor.id)
    }

    /// Returns whether this account caused it, itself or through a service account, or acted for
    /// the person who did. It is not notified of it.
    fn is_by(&self, user: UserId) -> bool {
        user == self.actor.id || self.via == Some(user)
    }

    /// Returns the permission that a recipient needs.
    const fn needs(&self) -> TicketAction {
        match self.notification_type {
            NotificationType::NoteWritten => TicketAction::SeeNotes,
            NotificationType::Log(_) | NotificationType::WebhookDisabled => TicketAction::SeeTicket,
        }
    }
}

impl NotificationReason {
    /// Every reason that concerns a ticket, in the order of the table.
    pub const OF_TICKETS: [Self; 5] =
        [Self::Assigned, Self::Released, Self::Assignee, Self::Requester, Self::NewTicket];

    /// Returns its name in responses and in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Released => "released",
            Self::Assignee => "assignee",
            Self::Requester => "requester",
            Self::NewTicket => "new_ticket",
            Self::Admin => "admin",
        }
    }

    /// Returns whether the row of this reason covers the type.
    fn covers(self, notification_type: NotificationType) -> bool {
        use EventType::{Assigned, HandedOver, Released};
        let is_one_of = |types: [EventType; 2]| {
            types.into_iter().any(|event_type| notification_type == NotificationType::Log(event_type))
        };
        match self {
            Self::Assigned => is_one_of([Assigned, HandedOver]),
            Self::Released => is_one_of([Released, HandedOver]),
            Self::Assignee => !is_one_of([Assigned, HandedOver]),
            Self::Requester => notification_type != NotificationType::NoteWritten,
            Self::NewTicket => notification_type == NotificationType::Log(EventType::Opened),
            Self::Admin => false,
        }
    }

    /// Returns the person that the row of this reason names, if it names one person.
    const fn named_person(self, trigger: &NotificationTrigger) -> Option<UserId> {
        match self {
            Self::Assigned | Self::Assignee => trigger.assignee,
            Self::Released => trigger.former_assignee,
            Self::Requester => Some(trigger.requester),
            Self::NewTicket | Self::Admin => None,
        }
    }
}

/// A person to notify, if they still have the permission at the time of notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient {
    pub user_id: UserId,
    pub reason: NotificationReason,
}

/// Returns the recipients that the table names.
#[must_use]
pub fn recipients(trigger: &NotificationTrigger) -> Vec<Recipient> {
    let mut recipients: Vec<Recipient> = Vec::new();
    for reason in NotificationReason::OF_TICKETS {
        let Some(user_id) = reason.named_person(trigger) else {
            continue;
        };
        let is_recipient = recipients.iter().any(|other| other.user_id == user_id);
        if reason.covers(trigger.notification_type) && !trigger.is_by(user_id) && !is_recipient {
            recipients.push(Recipient { user_id, reason });
        }
    }
    recipients
}

/// Returns who is left out when all technicians are notified: the actor, the service account that
/// acted for them, and the recipients named individually. Returns `None` if technicians are not
/// notified.
#[must_use]
pub fn excluded_technicians(trigger: &NotificationTrigger) -> Option<Vec<UserId>> {
    let by_name = recipients(trigger).into_iter().map(|recipient| recipient.user_id);
    NotificationReason::NewTicket
        .covers(trigger.notification_type)
        .then(|| [trigger.actor.id].into_iter().chain(trigger.via).chain(by_name).collect())
}

/// Returns whether technicians get mail about this new ticket in its present state: if it is urgent
/// and open.
#[must_use]
pub fn should_mail_technicians(head: &Head) -> bool {
    head.priority == Priority::Urgent && head.status == Status::Open
}

/// Returns whether this account may at present be notified for that reason, on a ticket that has
/// this requester and assignee now.
#[must_use]
pub fn may_be_notified(
    trigger: &NotificationTrigger,
    reason: NotificationReason,
    user: &User,
    requester: UserId,
    assignee: Option<UserId>,
) -> bool {
    let person = user.person();
    let is_addressed = reason != NotificationReason::NewTicket || person.may(DeskAction::WatchNewTickets);
    user.active && is_addressed && TicketRole::of(&person, requester, assignee).may(trigger.needs())
}

#[cfg(test)]
mod tests;
