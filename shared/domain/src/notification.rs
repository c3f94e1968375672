//! Who is told of an event, and why: one table.
//!
//! | reason | who | of which events |
//! |---|---|---|
//! | assigned | the assignee | assigned, `handed_over` |
//! | released | the one who was assigned before | released, `handed_over` |
//! | assignee | the assignee | every other |
//! | requester | the requester | every one |
//!
//! Never the one who did it; nobody twice (the first row that fits counts); nobody who may not see the ticket when they are
//! told; no inactive account.

use serde::{Deserialize, Serialize};

use crate::event::TicketEvent;
use crate::id::UserId;
use crate::log::EventType;
use crate::permission::{Standing, TicketAction};
use crate::user::User;

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
}

impl NotificationReason {
    /// Every reason, in the order of the table.
    pub const ALL: [Self; 4] = [Self::Assigned, Self::Released, Self::Assignee, Self::Requester];

    /// Whether the row of this reason speaks of such an event.
    const fn covers(self, event_type: EventType) -> bool {
        use EventType as E;
        match self {
            Self::Assigned => matches!(event_type, E::Assigned | E::HandedOver),
            Self::Released => matches!(event_type, E::Released | E::HandedOver),
            Self::Assignee => !matches!(event_type, E::Assigned | E::HandedOver),
            Self::Requester => true,
        }
    }

    /// Whom the row of this reason means.
    const fn who(self, event: &TicketEvent) -> Option<UserId> {
        match self {
            Self::Assigned | Self::Assignee => event.data.assignee_id,
            Self::Released => event.data.former_assignee_id,
            Self::Requester => Some(event.data.requester_id),
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

/// Whom the table names for an event.
#[must_use]
pub fn recipients(event: &TicketEvent) -> Vec<Recipient> {
    let mut recipients: Vec<Recipient> = Vec::new();
    for reason in NotificationReason::ALL {
        let Some(user_id) = reason.who(event) else {
            continue;
        };
        let told = recipients.iter().any(|other| other.user_id == user_id);
        if reason.covers(event.event_type) && user_id != event.data.actor.id && !told {
            recipients.push(Recipient { user_id, reason });
        }
    }
    recipients
}

/// Whether this account, as it is now, may be told of a ticket whose requester and assignee are, now, these.
#[must_use]
pub fn may_be_told(user: &User, requester: UserId, assignee: Option<UserId>) -> bool {
    user.active && Standing::of(&user.person(), requester, assignee).may(TicketAction::SeeTicket)
}

#[cfg(test)]
mod tests;
