//! The message for a person who may not do something: who may, and what would make it possible.
//! Both follow from the tables of [`super`] and [`crate::lifecycle`].

use super::{DeskAction, TicketAction, TicketRole};
use crate::lifecycle::{Command, Status, transition};
use crate::user::Role;

/// What a person is refused whose role permits it, because that of the service account does not.
pub(crate) const REFUSED_TO_SERVICE: &str =
    "The person may do this, but the role of the service account that acts for them does not permit it.";

/// The next step that would make a forbidden action on a ticket possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NextStep {
    /// The person takes the ticket. Its assignee may do this.
    Take,
    /// The person is handed the ticket. Its assignee may do this.
    HandOver,
    /// The person opens a follow-up. No one may do this on a closed ticket.
    FollowUp,
    /// Another person does it.
    SomeoneElse,
}

impl DeskAction {
    /// Returns the message for a person of a role who may not do this: who may, and what the person
    /// may do instead.
    #[must_use]
    pub fn refusal(self, role: Role) -> String {
        let [user, technician, admin] = self.row();
        let who = only(&[(user, "users"), (technician, "technicians"), (admin, "admins")]);
        match (self, role) {
            (Self::ListUsers, Role::Technician) => format!("{who} Filter by `role=technician` or by `email`."),
            (Self::OpenForAnother, _) => {
                format!("{who} Leave out `requester_id` and `requester_email` to open the ticket for yourself.")
            }
            _ => who,
        }
    }
}

impl TicketAction {
    /// Returns the message for a person who may not do this: who may, and what would make it
    /// possible.
    pub(crate) fn refusal(self, ticket_role: TicketRole, status: Status) -> String {
        match self.next_step(ticket_role, status) {
            NextStep::Take => format!("{} Take the ticket first.", self.once_assigned().who_may()),
            NextStep::HandOver => format!("{} Ask for the ticket to be handed over to you first.", self.who_may()),
            NextStep::FollowUp => {
                "No one can do this: the ticket is closed permanently. Open a new one with `follow_up_of`.".to_owned()
            }
            NextStep::SomeoneElse => self.who_may(),
        }
    }

    fn who_may(self) -> String {
        let [requester, technician, assignee, admin, _] = self.row();
        only(&[
            (requester, "its requester"),
            (technician, "technicians"),
            (assignee && !technician, "its assignee"),
            (admin, "admins"),
        ])
    }

    /// Returns the same action for a ticket that has an assignee: such a ticket is handed over, not
    /// given.
    fn once_assigned(self) -> Self {
        if self == Self::Command(Command::Give) { Self::Command(Command::HandOver) } else { self }
    }

    fn next_step(self, ticket_role: TicketRole, status: Status) -> NextStep {
        let then = self.once_assigned();
        let leads_on = match then {
            Self::Command(command) => transition(command, Status::InProgress).is_some_and(|row| row.to != status),
            _ => true,
        };
        let as_assignee = leads_on && ticket_role.as_assignee().may(then);
        let takes = ticket_role.may(Self::Command(Command::Take));
        match status {
            Status::Closed if !matches!(self, Self::SeeTicket | Self::SeeNotes | Self::WriteNote) => NextStep::FollowUp,
            Status::Open if as_assignee && takes => NextStep::Take,
            Status::InProgress if as_assignee && then != Self::Command(Command::HandOver) => NextStep::HandOver,
            Status::Open | Status::InProgress | Status::Resolved | Status::Closed => NextStep::SomeoneElse,
        }
    }
}

/// Returns the sentence that says who may.
fn only(people: &[(bool, &str)]) -> String {
    let who: Vec<&str> = people.iter().filter(|(may, _)| *may).map(|(_, name)| *name).collect();
    match who.split_last() {
        Some((last, [])) => format!("Only {last} may do this."),
        Some((last, others)) => format!("Only {} and {last} may do this.", others.join(", ")),
        None => "No one can do this.".to_owned(),
    }
}
