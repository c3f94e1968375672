//! The part of a ticket that lists show, and what a person may do with it.

use serde::{Deserialize, Serialize};

use super::priority::Priority;
use super::refusal::Refusal;
use crate::id::{TicketNumber, UserId};
use crate::lifecycle::{self, Command, Status};
use crate::log::{Hash, LogEntry, Place};
use crate::permission::{Standing, TicketAction};
use crate::text::{Category, Tag, Title};
use crate::time::Timestamp;
use crate::user::Person;

/// The part of a ticket that lists show. Long texts are the log's, so that it stays small.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// What people know the ticket by.
    pub number: TicketNumber,
    /// What it is about.
    pub title: Title,
    /// Where it stands.
    pub status: Status,
    /// How much it presses.
    pub priority: Priority,
    /// The kind of help it asks for.
    pub category: Option<Category>,
    /// Words to find it by, each once, in the order given.
    pub tags: Vec<Tag>,
    /// Who needs help.
    pub requester: Person,
    /// Who works on it, or did last.
    pub assignee: Option<Person>,
    /// The closed ticket it continues.
    pub follow_up_of: Option<TicketNumber>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When the last entry was written to its log.
    pub updated_at: Timestamp,
    /// When it was resolved, if it is.
    pub resolved_at: Option<Timestamp>,
    /// When it was closed or withdrawn.
    pub closed_at: Option<Timestamp>,
    /// The `seq` of the last entry of its log: its public version.
    pub seq: u64,
    /// The hash of the last entry of its log.
    pub hash: Hash,
    /// The `seq` of the entry that holds its description.
    pub description_seq: u64,
    /// The `seq` of the entry that holds its resolution.
    pub resolution_seq: Option<u64>,
}

impl Head {
    /// What the person is to the ticket.
    #[must_use]
    pub fn standing_of(&self, person: &Person) -> Standing {
        Standing::of(person, self.requester.id, self.assignee_id())
    }

    /// The assignee's account.
    #[must_use]
    pub fn assignee_id(&self) -> Option<UserId> {
        self.assignee.as_ref().map(|assignee| assignee.id)
    }

    /// Checks that the person may know of the ticket.
    ///
    /// # Errors
    /// [`Refusal::Hidden`].
    pub fn check_visible_to(&self, person: &Person) -> Result<(), Refusal> {
        if self.standing_of(person).may(TicketAction::SeeTicket) { Ok(()) } else { Err(Refusal::Hidden) }
    }

    /// The refusal of an action that this person may not do with the ticket, which they may see.
    pub(crate) fn forbidden(&self, person: &Person, action: TicketAction) -> Refusal {
        let detail = action.refusal(self.standing_of(person), self.status);
        Refusal::Forbidden { detail, allowed: self.allowed_actions(person) }
    }

    /// Checks that the ticket is not closed, for what nobody does to a closed one. This comes before
    /// the question who may: all who see the ticket are told what to do instead.
    pub(super) fn check_not_closed(&self, standing: Standing) -> Result<(), Refusal> {
        let closed = self.status == Status::Closed && standing.may(TicketAction::SeeTicket);
        if closed { Err(Refusal::TicketClosed) } else { Ok(()) }
    }

    /// What this person may do with the ticket as it stands, by the names the API has for it.
    #[must_use]
    pub fn allowed_actions(&self, person: &Person) -> Vec<&'static str> {
        let standing = self.standing_of(person);
        let commands = Command::ALL.into_iter().filter(|command| {
            standing.may(TicketAction::Command(*command)) && lifecycle::transition(*command, self.status).is_some()
        });
        let mut names: Vec<&'static str> = commands.map(request_name).collect();
        if standing.may(TicketAction::Comment) && self.status != Status::Closed {
            names.push("comment");
        }
        if self.may_be_edited_by(standing) {
            names.push("update");
        }
        if standing.may(TicketAction::WriteNote) {
            names.push("note");
        }
        names
    }

    fn may_be_edited_by(&self, standing: Standing) -> bool {
        let texts = standing.may_as_staff(TicketAction::EditTexts)
            || (standing.may(TicketAction::EditTexts) && self.status == Status::Open);
        self.status != Status::Closed && (texts || standing.may(TicketAction::Classify))
    }

    pub(super) fn place(&self) -> Place {
        Place {
            ticket: self.number,
            requester_id: self.requester.id,
            assignee_id: self.assignee_id(),
            last_seq: self.seq,
            last_at: (self.seq > 0).then_some(self.updated_at),
            last_hash: self.hash,
        }
    }

    /// Takes note of an entry just written: the head is the end of its log.
    pub(super) fn advance(&mut self, entry: &LogEntry) {
        self.seq = entry.seq;
        self.hash = entry.hash;
        self.updated_at = entry.at;
    }
}

/// The name of the request that gives a command: the last segment of its path.
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
