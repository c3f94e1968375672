//! What each command does to a ticket.

use serde_json::Value;

use super::change::{Change, Outcome, Ticket};
use super::refusal::Refusal;
use crate::field::{Fields, Violations};
use crate::id::UserId;
use crate::lifecycle::{self, Command, EventType, Status, Transition};
use crate::log::{EntryContent, Field, FieldChange, FieldValue, LogEntry};
use crate::permission::Actor;
use crate::permission::TicketAction;
use crate::stamp::Stamp;
use crate::text::{CommentBody, Reason, Resolution};
use crate::user::Person;

/// A command other than an assignment, with its content.
#[derive(Clone, Debug)]
pub enum CommandRequest {
    /// Puts the ticket back into the ticket queue.
    Release(Option<Reason>),
    /// Records a resolution.
    Resolve(Resolution),
    /// Reopens the ticket, because the resolution did not work.
    Reopen(Option<Reason>),
    /// Closes the ticket, because the resolution worked.
    Close(Option<Reason>),
    /// Withdraws the ticket, because the help is no longer needed.
    Withdraw(Option<Reason>),
}

impl CommandRequest {
    /// Reads the body of a request to release a ticket.
    pub fn release(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| fields.optional("reason").map(Self::Release))
    }

    /// Reads the body of a request to resolve a ticket.
    pub fn resolve(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| fields.required("resolution").map(Self::Resolve))
    }

    /// Reads the body of a request to reopen a ticket.
    pub fn reopen(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| fields.optional("reason").map(Self::Reopen))
    }

    /// Reads the body of a request to close a ticket.
    pub fn close(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| fields.optional("reason").map(Self::Close))
    }

    /// Reads the body of a request to withdraw a ticket.
    pub fn withdraw(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| fields.optional("reason").map(Self::Withdraw))
    }

    const fn command(&self) -> Command {
        match self {
            Self::Release(_) => Command::Release,
            Self::Resolve(_) => Command::Resolve,
            Self::Reopen(_) => Command::Reopen,
            Self::Close(_) => Command::Close,
            Self::Withdraw(_) => Command::Withdraw,
        }
    }
}

impl<D> Ticket<D> {
    /// Checks that the actor may know that the ticket exists.
    pub fn visible_to(self, actor: Actor<'_>) -> Result<Self, Refusal> {
        self.head.check_visible_to(actor)?;
        Ok(self)
    }

    /// Assigns the ticket: it is taken, given or handed over. `technician` is the person with the
    /// id `to`, if the caller found them to be an active technician. The change asks the store to
    /// check this again on commit.
    ///
    /// # Errors
    /// Fails with [`Refusal::Forbidden`], [`Refusal::InvalidTransition`] or
    /// [`Refusal::NotATechnician`].
    pub fn assign(
        mut self,
        to: UserId,
        technician: Option<Person>,
        actor: Actor<'_>,
        stamp: Stamp,
    ) -> Result<Outcome<D>, Refusal> {
        let command = self.assigning(to, actor)?;
        if self.head.status == Status::InProgress && self.head.assignee_id() == Some(to) {
            return Ok(Outcome::Unchanged(Box::new(self)));
        }
        let row = self.row(command, actor)?;
        let technician = technician.filter(|person| person.id == to).ok_or(Refusal::NotATechnician)?;
        let old = self.head.assignee.replace(technician.clone());
        let new = Some(FieldValue::Person(technician));
        let change = FieldChange::new(Field::Assignee, old.map(FieldValue::Person), new);
        let changed = self.transition(row, vec![change], None, actor, stamp);
        Ok(Outcome::Changed(Box::new(Change { needs_technician: Some(to), ..changed })))
    }

    /// Returns the command that assigns the ticket to that person, if the actor may execute it.
    fn assigning(&self, to: UserId, actor: Actor<'_>) -> Result<Command, Refusal> {
        let ticket_role = self.head.role_of(actor);
        // An actor who names themselves but can never take a ticket counts as giving it, so that
        // the refusal says who is a technician.
        let takes = to == actor.person.id && ticket_role.may(TicketAction::Command(Command::Take));
        let command = match (takes, self.head.status) {
            (true, _) => Command::Take,
            (false, Status::Open) => Command::Give,
            (false, _) => Command::HandOver,
        };
        if ticket_role.may(TicketAction::Command(command)) {
            return Ok(command);
        }
        let asked = if to == actor.person.id { Command::Take } else { command };
        Err(self.head.forbidden(actor, TicketAction::Command(asked)))
    }

    /// Executes a command.
    ///
    /// # Errors
    /// Fails with [`Refusal::Forbidden`] or [`Refusal::InvalidTransition`].
    pub fn execute(self, request: CommandRequest, actor: Actor<'_>, stamp: Stamp) -> Result<Change<D>, Refusal> {
        let action = TicketAction::Command(request.command());
        if !self.head.role_of(actor).may(action) {
            return Err(self.head.forbidden(actor, action));
        }
        self.executed(request, actor, stamp)
    }

    /// Executes a command that the actor may execute, or that follows from what they may do.
    fn executed(mut self, request: CommandRequest, actor: Actor<'_>, stamp: Stamp) -> Result<Change<D>, Refusal> {
        let command = request.command();
        let mut row = self.row(command, actor)?;
        let mut needs_technician = None;
        let (changes, reason) = match request {
            CommandRequest::Release(reason) => (vec![self.unassign()], reason),
            CommandRequest::Resolve(resolution) => (vec![self.set_resolution(Some(resolution))], None),
            CommandRequest::Reopen(reason) if self.assignee_left => {
                row.to = Status::Open;
                (vec![self.set_resolution(None), self.unassign()], reason)
            }
            CommandRequest::Reopen(reason) => {
                needs_technician = self.head.assignee_id();
                (vec![self.set_resolution(None)], reason)
            }
            CommandRequest::Close(reason) | CommandRequest::Withdraw(reason) => (Vec::new(), reason),
        };
        Ok(Change { needs_technician, ..self.transition(row, changes, reason, actor, stamp) })
    }

    /// Adds a public comment. A requester's comment on a resolved ticket reopens it, in the same
    /// change. The comment of a technician who is both requester and assignee does not.
    ///
    /// # Errors
    /// Fails with [`Refusal::Forbidden`] or [`Refusal::TicketClosed`].
    pub fn comment(mut self, body: CommentBody, actor: Actor<'_>, stamps: [Stamp; 2]) -> Result<Change<D>, Refusal> {
        let ticket_role = self.head.role_of(actor);
        self.head.check_not_closed(ticket_role)?;
        if !ticket_role.may(TicketAction::Comment) {
            return Err(self.head.forbidden(actor, TicketAction::Comment));
        }
        let expected_seq = self.head.seq;
        let content = EntryContent {
            event_type: EventType::Commented,
            from_status: None,
            to_status: None,
            changes: Vec::new(),
            reason: None,
            body: Some(body),
        };
        let [comment_stamp, reopen_stamp] = stamps;
        let comment = LogEntry::append(self.head.log_end(), content, actor, comment_stamp);
        self.head.advance(&comment);
        let reopens = self.head.status == Status::Resolved && ticket_role.is_requester_only();
        if !reopens {
            return Ok(self.changed(vec![comment], expected_seq));
        }
        // A requester may always reopen. The comment does it, so the scope for comments is enough.
        let mut change = self.executed(CommandRequest::Reopen(None), actor, reopen_stamp)?;
        change.entries.insert(0, comment);
        change.expected_seq = expected_seq;
        Ok(change)
    }

    /// Returns the row of the table for the command in the ticket's status.
    fn row(&self, command: Command, actor: Actor<'_>) -> Result<Transition, Refusal> {
        let status = self.head.status;
        lifecycle::transition(command, status)
            .ok_or_else(|| Refusal::InvalidTransition { status, allowed: self.head.allowed_actions(actor) })
    }

    /// Applies a row of the table to the ticket and records it.
    fn transition(
        mut self,
        row: Transition,
        changes: Vec<FieldChange>,
        reason: Option<Reason>,
        actor: Actor<'_>,
        stamp: Stamp,
    ) -> Change<D> {
        let expected_seq = self.head.seq;
        let content = EntryContent {
            event_type: row.recorded_as,
            from_status: Some(row.from),
            to_status: Some(row.to),
            changes,
            reason,
            body: None,
        };
        let entry = LogEntry::append(self.head.log_end(), content, actor, stamp);
        self.head.advance(&entry);
        self.head.status = row.to;
        match row.to {
            Status::Resolved => {
                self.head.resolved_at = Some(entry.at);
                self.head.resolution_seq = Some(entry.seq);
            }
            Status::Closed => self.head.closed_at = Some(entry.at),
            Status::Open | Status::InProgress => self.head.resolved_at = None,
        }
        self.changed(vec![entry], expected_seq)
    }

    fn unassign(&mut self) -> FieldChange {
        FieldChange::new(Field::Assignee, self.head.assignee.take().map(FieldValue::Person), None)
    }

    fn set_resolution(&mut self, resolution: Option<Resolution>) -> FieldChange {
        let value = |text: Resolution| FieldValue::Text(text.as_str().to_owned());
        let old = std::mem::replace(&mut self.resolution, resolution.clone());
        let old_seq = self.head.resolution_seq.take();
        FieldChange { old_seq, ..FieldChange::new(Field::Resolution, old.map(value), resolution.map(value)) }
    }
}
