//! The part of a ticket that lists show, and what a person may do with it.

use serde::{Deserialize, Serialize};

use super::priority::Priority;
use super::refusal::Refusal;
use crate::id::{TicketNumber, UserId};
use crate::lifecycle::{self, Command, Status};
use crate::log::{Hash, LogEnd, LogEntry};
use crate::permission::{Actor, REFUSED_TO_SERVICE, TicketAction, TicketRole};
use crate::text::{Category, Tag, Title};
use crate::time::Timestamp;
use crate::user::Person;

/// The head of a ticket: the part that lists show. Long texts are kept in the log, so that the head
/// stays small.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The number people know the ticket by.
    pub number: TicketNumber,
    pub title: Title,
    pub status: Status,
    pub priority: Priority,
    /// The kind of help needed.
    pub category: Option<Category>,
    /// Words to find the ticket by, without duplicates, in the order given.
    pub tags: Vec<Tag>,
    /// The person who needs help.
    pub requester: Person,
    /// The technician who works on the ticket, or did last.
    pub assignee: Option<Person>,
    /// The closed ticket that it follows up.
    pub follow_up_of: Option<TicketNumber>,
    /// When the ticket was opened.
    pub created_at: Timestamp,
    /// When the last entry was added to its log.
    pub updated_at: Timestamp,
    /// When the ticket was resolved, if it is.
    pub resolved_at: Option<Timestamp>,
    /// When the ticket was closed or withdrawn.
    pub closed_at: Option<Timestamp>,
    /// The `seq` of the last entry of its log: the public version of the ticket.
    pub seq: u64,
    /// The hash of the last entry of its log.
    pub hash: Hash,
    /// The `seq` of the entry that holds the description.
    pub description_seq: u64,
    /// The `seq` of the entry that holds the resolution.
    pub resolution_seq: Option<u64>,
}

impl Head {
    /// Returns what the actor is to the ticket.
    #[must_use]
    pub fn role_of(&self, actor: Actor<'_>) -> TicketRole {
        actor.role_on(self.requester.id, self.assignee_id())
    }

    /// Returns the id of the assignee's account.
    #[must_use]
    pub fn assignee_id(&self) -> Option<UserId> {
        self.assignee.as_ref().map(|assignee| assignee.id)
    }

    /// Checks that the actor may know that the ticket exists.
    pub fn check_visible_to(&self, actor: Actor<'_>) -> Result<(), Refusal> {
        if self.role_of(actor).sees() { Ok(()) } else { Err(Refusal::Hidden) }
    }

    /// Builds the refusal of an action that an actor who sees the ticket may not take.
    pub(crate) fn forbidden(&self, actor: Actor<'_>, action: TicketAction) -> Refusal {
        let ticket_role = self.role_of(actor);
        if !ticket_role.is_within_grant(action) {
            return Refusal::OutOfScope(action.permitted_by());
        }
        let detail = if ticket_role.without_service().may(action) {
            REFUSED_TO_SERVICE.to_owned()
        } else {
            action.refusal(ticket_role, self.status)
        };
        Refusal::Forbidden { detail, allowed: self.allowed_actions(actor) }
    }

    /// Checks that the ticket is not closed, for actions that no one may take on a closed ticket.
    /// This comes before the permission check, so that all who see the ticket learn what to do
    /// instead.
    pub(super) fn check_not_closed(&self, ticket_role: TicketRole) -> Result<(), Refusal> {
        let closed = self.status == Status::Closed && ticket_role.sees();
        if closed { Err(Refusal::TicketClosed) } else { Ok(()) }
    }

    /// Returns what the actor may do with the ticket in its present status, by the names in the
    /// API.
    #[must_use]
    pub fn allowed_actions(&self, actor: Actor<'_>) -> Vec<&'static str> {
        let ticket_role = self.role_of(actor);
        let commands = Command::ALL.into_iter().filter(|command| {
            ticket_role.may(TicketAction::Command(*command)) && lifecycle::transition(*command, self.status).is_some()
        });
        let mut names: Vec<&'static str> = commands.map(request_name).collect();
        if ticket_role.may(TicketAction::Comment) && self.status != Status::Closed {
            names.push("comment");
        }
        if self.may_be_edited_by(ticket_role) {
            names.push("update");
        }
        if ticket_role.may(TicketAction::WriteNote) {
            names.push("note");
        }
        names
    }

    fn may_be_edited_by(&self, ticket_role: TicketRole) -> bool {
        let texts = ticket_role.may_as_staff(TicketAction::EditTexts)
            || (ticket_role.may(TicketAction::EditTexts) && self.status == Status::Open);
        self.status != Status::Closed && (texts || ticket_role.may(TicketAction::Classify))
    }

    pub(super) fn log_end(&self) -> LogEnd {
        LogEnd {
            ticket: self.number,
            requester_id: self.requester.id,
            assignee_id: self.assignee_id(),
            last_seq: self.seq,
            last_at: (self.seq > 0).then_some(self.updated_at),
            last_hash: self.hash,
        }
    }

    /// Updates the head after an entry was added: the head is the end of its log.
    pub(super) fn advance(&mut self, entry: &LogEntry) {
        self.seq = entry.seq;
        self.hash = entry.hash;
        self.updated_at = entry.at;
    }
}

/// Returns the name of the request for a command: the last segment of its path.
const fn request_name(command: Command) -> &'static str {
    match command {
        Command::Take | Command::Give | Command::HandOver => "assign",
        Command::Release => "release",
        Command::Resolve => "resolve",
        Command::Reopen => "reopen",
        Command::Close => "close",
        Command::Withdraw => "withdraw",
    }
}
