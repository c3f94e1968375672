//! Who is told of an event, and why: one table.
//!
//! | reason | who | of which events |
//! |---|---|---|
//! | assigned | the assignee | assigned, `handed_over` |
//! | released | the one who was assigned before | released, `handed_over` |
//! | assignee | the assignee | every other, and notes |
//! | requester | the requester | every one, but no note |
//! | `new_ticket` | all technicians together | opened |
//!
//! Never the one who did it; nobody twice (the first row that fits counts); nobody who may not see the ticket, or the note, when they are
//! told; no inactive account. Over which channels is theirs to choose: see [`Preferences`]. Of a new ticket technicians are mailed
//! only if it is [urgent and open](mails_technicians), and of so many an hour.

mod occasion;
mod preferences;
mod reading;

use serde::{Deserialize, Serialize};

pub use occasion::Occasion;
pub use preferences::{Channel, Language, Preferences};
pub use reading::ReadMark;

use crate::event::{NoteEvent, TicketEvent};
use crate::id::{EventId, TicketNumber, UserId};
use crate::lifecycle::{EventType, Status};
use crate::permission::{DeskAction, Standing, TicketAction};
use crate::ticket::{Head, Priority};
use crate::time::Timestamp;
use crate::user::{Person, User};

/// Why somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationReason {
    /// The ticket became theirs.
    Assigned,
    /// The ticket is not theirs any more.
    Released,
    /// They work on the ticket.
    Assignee,
    /// They asked for help.
    Requester,
    /// The ticket waits for a technician, and they are one.
    NewTicket,
    /// They look after the help desk.
    Admin,
}

/// What happened to a ticket, as far as it decides who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// Identifies the event.
    pub id: EventId,
    /// What happened.
    pub occasion: Occasion,
    pub ticket: TicketNumber,
    /// Who did it.
    pub actor: Person,
    /// When.
    pub at: Timestamp,
    /// Whose ticket it is.
    requester: UserId,
    /// Who was assigned after it.
    assignee: Option<UserId>,
    /// Who was assigned before it, if it changed that.
    former_assignee: Option<UserId>,
}

impl Happening {
    /// What an event of a log tells.
    #[must_use]
    pub fn of(event: &TicketEvent) -> Self {
        Self {
            id: event.id,
            occasion: Occasion::Log(event.event_type),
            ticket: event.data.ticket,
            actor: event.data.actor.clone(),
            at: event.at,
            requester: event.data.requester_id,
            assignee: event.data.assignee_id,
            former_assignee: event.data.former_assignee_id,
        }
    }

    /// What the event of a note tells, on a ticket whose requester and assignee are now these.
    #[must_use]
    pub fn of_note(event: &NoteEvent, requester: UserId, assignee: Option<UserId>) -> Self {
        Self {
            id: event.id,
            occasion: Occasion::Noted,
            ticket: event.data.ticket,
            actor: event.data.actor.clone(),
            at: event.at,
            requester,
            assignee,
            former_assignee: None,
        }
    }

    /// What one must be allowed to read to be told of it.
    const fn needs(&self) -> TicketAction {
        match self.occasion {
            Occasion::Noted => TicketAction::SeeNotes,
            Occasion::Log(_) | Occasion::WebhookDisabled => TicketAction::SeeTicket,
        }
    }
}

impl NotificationReason {
    /// Every reason that has to do with a ticket, in the order of the table.
    pub const OF_TICKETS: [Self; 5] =
        [Self::Assigned, Self::Released, Self::Assignee, Self::Requester, Self::NewTicket];

    /// Its name in answers and in the table.
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

    /// Whether the row of this reason speaks of such an event.
    fn covers(self, occasion: Occasion) -> bool {
        use EventType::{Assigned, HandedOver, Released};
        let is_one_of =
            |types: [EventType; 2]| types.into_iter().any(|event_type| occasion == Occasion::Log(event_type));
        match self {
            Self::Assigned => is_one_of([Assigned, HandedOver]),
            Self::Released => is_one_of([Released, HandedOver]),
            Self::Assignee => !is_one_of([Assigned, HandedOver]),
            Self::Requester => occasion != Occasion::Noted,
            Self::NewTicket => occasion == Occasion::Log(EventType::Opened),
            Self::Admin => false,
        }
    }

    /// Whom the row of this reason means, where it means one person.
    const fn who(self, happening: &Happening) -> Option<UserId> {
        match self {
            Self::Assigned | Self::Assignee => happening.assignee,
            Self::Released => happening.former_assignee,
            Self::Requester => Some(happening.requester),
            Self::NewTicket | Self::Admin => None,
        }
    }
}

/// Somebody to be told, if they may still know when they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Who.
    pub user_id: UserId,
    /// Why.
    pub reason: NotificationReason,
}

/// Whom the table names for what happened.
#[must_use]
pub fn recipients(happening: &Happening) -> Vec<Recipient> {
    let mut recipients: Vec<Recipient> = Vec::new();
    for reason in NotificationReason::OF_TICKETS {
        let Some(user_id) = reason.who(happening) else {
            continue;
        };
        let told = recipients.iter().any(|other| other.user_id == user_id);
        if reason.covers(happening.occasion) && user_id != happening.actor.id && !told {
            recipients.push(Recipient { user_id, reason });
        }
    }
    recipients
}

/// Returns who is left out when all technicians are told of it: who did it, and who is told by name. None if technicians are not told.
#[must_use]
pub fn technicians_except(happening: &Happening) -> Option<Vec<UserId>> {
    let by_name = recipients(happening).into_iter().map(|recipient| recipient.user_id);
    NotificationReason::NewTicket
        .covers(happening.occasion)
        .then(|| [happening.actor.id].into_iter().chain(by_name).collect())
}

/// Returns whether technicians are mailed of this new ticket, as it is now: if it is urgent and open.
#[must_use]
pub fn mails_technicians(head: &Head) -> bool {
    head.priority == Priority::Urgent && head.status == Status::Open
}

/// Whether this account, as it is now, may be told of it for that reason, on a ticket whose requester and assignee are, now, these.
#[must_use]
pub fn may_be_told(
    happening: &Happening,
    reason: NotificationReason,
    user: &User,
    requester: UserId,
    assignee: Option<UserId>,
) -> bool {
    let person = user.person();
    let of_those = reason != NotificationReason::NewTicket || person.may(DeskAction::HearOfNewTickets);
    user.active && of_those && Standing::of(&person, requester, assignee).may(happening.needs())
}

#[cfg(test)]
mod tests;
