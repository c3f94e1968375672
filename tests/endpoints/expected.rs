//! The expected status for each caller, by the permission tables of the domain.

use domain::id::UserId;
use domain::lifecycle::Status;
use domain::permission::{DeskAction, TicketAction, TicketRole};
use domain::text::PersonName;
use domain::user::{Person, Role};

use crate::row::{Right, Row};

/// A caller, by role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller(pub Option<Role>);

impl Caller {
    /// A caller without a token, and one of each role.
    pub const ALL: [Self; 4] =
        [Self(None), Self(Some(Role::User)), Self(Some(Role::Technician)), Self(Some(Role::Admin))];
}

/// The relation of the resource in the path to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The path names no resource.
    Unrelated,
    /// The caller is its requester or owner.
    Own,
    /// The caller is the assignee.
    Assigned,
    /// Neither.
    Others,
    /// The resource does not exist.
    Missing,
}

impl Relation {
    /// Returns its name in the snapshot.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unrelated => "",
            Self::Own => "own",
            Self::Assigned => "assigned",
            Self::Others => "other's",
            Self::Missing => "missing",
        }
    }
}

impl Row {
    /// Returns the relations to the resource in which the endpoint is called.
    #[must_use]
    pub fn relations(&self) -> &'static [Relation] {
        match self.call.right {
            Right::None | Right::Desk(_) => &[Relation::Unrelated],
            Right::DeskOnOwn(_) | Right::DeskOnUser(_) | Right::DeskOnAnother(_) => {
                &[Relation::Own, Relation::Others, Relation::Missing]
            }
            Right::DeskOnWebhook(_) => &[Relation::Others, Relation::Missing],
            Right::Ticket(_) | Right::TakeTicket => {
                &[Relation::Own, Relation::Assigned, Relation::Others, Relation::Missing]
            }
        }
    }

    /// Returns the status by the tables, or `None` where the relation is impossible: an open ticket
    /// has no assignee.
    #[must_use]
    pub fn expected(&self, caller: Caller, relation: Relation) -> Option<u16> {
        let success = self.call.status;
        if self.call.right == Right::None {
            return Some(success);
        }
        if relation == Relation::Assigned && self.call.from == Status::Open {
            return None;
        }
        let Caller(Some(role)) = caller else {
            return Some(401);
        };
        let (caller, another) = (person(1, role), person(2, role));
        let desk = |action: DeskAction, granted: u16| if caller.may(action) { granted } else { 403 };
        let missing_or = |granted: u16| if relation == Relation::Missing { 404 } else { granted };
        let own_or = |own: u16, granted: u16| if relation == Relation::Own { own } else { missing_or(granted) };
        let ticket = |decide: &dyn Fn(TicketRole) -> u16| {
            let requester = if relation == Relation::Own { &caller } else { &another };
            let assignee = if relation == Relation::Assigned { &caller } else { &another };
            let assignee = (self.call.from != Status::Open).then_some(assignee.id);
            let ticket_role = TicketRole::of(&caller, requester.id, assignee);
            if ticket_role.may(TicketAction::SeeTicket) { missing_or(decide(ticket_role)) } else { 404 }
        };
        Some(match self.call.right {
            Right::None => success,
            Right::Desk(action) => desk(action, success),
            Right::DeskOnOwn(action) => desk(action, own_or(success, 404)),
            Right::DeskOnUser(action) | Right::DeskOnWebhook(action) => desk(action, missing_or(success)),
            Right::DeskOnAnother(action) => desk(action, own_or(409, success)),
            Right::Ticket(action) => ticket(&|ticket_role| if ticket_role.may(action) { success } else { 403 }),
            Right::TakeTicket => {
                use domain::lifecycle::Command::{Give, Take};
                let may = |ticket_role: TicketRole, command| ticket_role.may(TicketAction::Command(command));
                ticket(&|ticket_role| match (may(ticket_role, Take), may(ticket_role, Give)) {
                    (true, _) => success,
                    (false, true) => 422,
                    (false, false) => 403,
                })
            }
        })
    }
}

#[expect(clippy::unwrap_used, reason = "the name is valid")]
fn person(byte: u8, role: Role) -> Person {
    Person { id: UserId::from_bytes([byte; 16]), name: PersonName::parse("Ana".to_owned()).unwrap(), role }
}
