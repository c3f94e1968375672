//! The expected status for each caller, by the permission tables of the domain.

use domain::id::UserId;
use domain::lifecycle::Status;
use domain::permission::{DeskAction, PermittedBy, TicketAction, TicketRole};
use domain::text::PersonName;
use domain::user::{Person, Role};

use crate::row::{Right, Row};

/// A caller, by their credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A caller without a token.
    Anonymous,
    /// A caller who signed in, with this role.
    SignedIn(Role),
    /// A caller with an API token that has exactly the scope of the call. It is an admin's if only
    /// admins may make the call, and otherwise a technician's.
    ApiToken,
}

impl Caller {
    /// A caller without a token, one of each role, and one with an API token.
    pub const ALL: [Self; 5] = [
        Self::Anonymous,
        Self::SignedIn(Role::User),
        Self::SignedIn(Role::Technician),
        Self::SignedIn(Role::Admin),
        Self::ApiToken,
    ];

    /// Returns their name in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "an anonymous caller",
            Self::SignedIn(role) => role.as_str(),
            Self::ApiToken => "an API token",
        }
    }
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

    /// Returns the role of the person whose API token makes the call.
    #[must_use]
    pub fn token_role(&self) -> Role {
        let action = match self.call.right {
            Right::Desk(action)
            | Right::DeskOnUser(action)
            | Right::DeskOnAnother(action)
            | Right::DeskOnWebhook(action) => action,
            Right::None | Right::DeskOnOwn(_) | Right::Ticket(_) | Right::TakeTicket => return Role::Technician,
        };
        if person(1, Role::Technician).may(action) { Role::Technician } else { Role::Admin }
    }

    /// Returns whether it needs a session on the caller's own account, as it does on `/v1/me`: no
    /// API token renames its person, or lists and revokes that person's tokens.
    fn is_for_sessions_on_oneself(&self) -> bool {
        use DeskAction::{ManageTokensOfOthers, UpdateUser};
        matches!(
            self.call.right,
            Right::DeskOnUser(ManageTokensOfOthers | UpdateUser) | Right::DeskOnAnother(UpdateUser)
        )
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
        let role = match caller {
            Caller::Anonymous => return Some(401),
            Caller::SignedIn(role) => role,
            // No token has a scope for it.
            Caller::ApiToken if self.permitted_by() == Some(PermittedBy::OneOf(&[])) => return Some(403),
            Caller::ApiToken if relation == Relation::Own && self.is_for_sessions_on_oneself() => return Some(403),
            Caller::ApiToken => self.token_role(),
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
