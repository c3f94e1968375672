//! Who may do what: one table in two parts. Every handler consults it, and no other code compares
//! roles. A request with an API token needs a scope of the token as well: the table in
//! permission/scope.rs.
//!
//! The columns of a [`TicketAction`] are what the person is to the ticket. A technician who is also
//! its requester has the permissions of both columns. A [`DeskAction`] concerns no single ticket,
//! and its columns are the roles. `tests/snapshots/permissions.txt` is the table as text, under
//! version control.

mod actor;
mod refusal;
mod scope;

use crate::id::UserId;
use crate::lifecycle::Command;
use crate::user::{Person, Role};

pub use actor::{Actor, Denied};
pub(crate) use refusal::REFUSED_TO_SERVICE;
pub use scope::{Grant, PermittedBy, Scope, Scopes};

/// An action that concerns no single ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeskAction {
    /// Read the actor's own account.
    SeeOwnAccount,
    /// Change the actor's own account, and see and end the actor's own sessions.
    ManageOwnAccount,
    /// Create, list and revoke the actor's own API tokens.
    ManageTokens,
    /// Read the actor's own inbox, mark its notifications as read, and choose notification
    /// preferences.
    UseInbox,
    /// Be notified of new tickets, with all others who may.
    WatchNewTickets,
    /// Read any account, by its id or by its address.
    SeeUser,
    /// List all accounts.
    ListUsers,
    /// List the accounts of technicians.
    ListTechnicians,
    /// Change the name and the address of an account, and reactivate it.
    UpdateUser,
    /// Invite a person, and send the invitation again.
    InviteUser,
    /// Change a person's role.
    ChangeRole,
    /// Deactivate an account.
    DeactivateUser,
    /// Create the account of a program.
    CreateServiceAccount,
    /// Make an API token of a service account.
    IssueToken,
    /// List and revoke the API tokens of any account.
    ManageTokensOfOthers,
    /// Read what was done to accounts and webhooks.
    ReadAudit,
    /// Manage the webhooks that events are posted to.
    ManageWebhooks,
    /// Open a ticket.
    OpenTicket,
    /// Open a ticket in another person's name.
    OpenForAnother,
    /// Do with tickets what a person may do, and be named beside them. Only service accounts do.
    ActForPerson,
    /// List the actor's own tickets.
    ListOwnTickets,
    /// List the tickets of others.
    ListAllTickets,
}

/// An action that concerns a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TicketAction {
    /// Read the ticket, its comments, its events and its timeline.
    SeeTicket,
    /// Add a public comment.
    Comment,
    /// Change its title and description. The requester may do so only while no one works on it.
    EditTexts,
    /// Change its priority, category and tags.
    Classify,
    /// Read the internal notes of staff.
    SeeNotes,
    /// Write an internal note, which the requester never sees.
    WriteNote,
    /// Execute a command.
    Command(Command),
}

const YES: bool = true;
const NO: bool = false;

impl DeskAction {
    /// Every desk action.
    pub const ALL: [Self; 22] = [
        Self::SeeOwnAccount,
        Self::ManageOwnAccount,
        Self::ManageTokens,
        Self::UseInbox,
        Self::WatchNewTickets,
        Self::SeeUser,
        Self::ListUsers,
        Self::ListTechnicians,
        Self::UpdateUser,
        Self::InviteUser,
        Self::ChangeRole,
        Self::DeactivateUser,
        Self::CreateServiceAccount,
        Self::IssueToken,
        Self::ManageTokensOfOthers,
        Self::ReadAudit,
        Self::ManageWebhooks,
        Self::OpenTicket,
        Self::OpenForAnother,
        Self::ActForPerson,
        Self::ListOwnTickets,
        Self::ListAllTickets,
    ];

    /// Returns the row of the table: whether a user, a technician and an admin may do this.
    #[rustfmt::skip]
    #[expect(clippy::match_same_arms, reason = "a row for each action is what makes it a table")]
    pub(crate) const fn row(self) -> [bool; 3] {
        match self {
            //                            user technician admin
            Self::SeeOwnAccount        => [YES, YES, YES],
            Self::ManageOwnAccount     => [YES, YES, YES],
            Self::ManageTokens         => [YES, YES, YES],
            Self::UseInbox             => [YES, YES, YES],
            Self::WatchNewTickets      => [NO,  YES, NO],
            Self::SeeUser              => [NO,  YES, YES],
            Self::ListUsers            => [NO,  NO,  YES],
            Self::ListTechnicians      => [NO,  YES, YES],
            Self::UpdateUser           => [NO,  NO,  YES],
            Self::InviteUser           => [NO,  NO,  YES],
            Self::ChangeRole           => [NO,  NO,  YES],
            Self::DeactivateUser       => [NO,  NO,  YES],
            Self::CreateServiceAccount => [NO,  NO,  YES],
            Self::IssueToken           => [NO,  NO,  YES],
            Self::ManageTokensOfOthers => [NO,  NO,  YES],
            Self::ReadAudit            => [NO,  NO,  YES],
            Self::ManageWebhooks       => [NO,  NO,  YES],
            Self::OpenTicket           => [YES, YES, YES],
            Self::OpenForAnother       => [NO,  YES, YES],
            Self::ActForPerson         => [YES, YES, YES],
            Self::ListOwnTickets       => [YES, YES, YES],
            Self::ListAllTickets       => [NO,  YES, YES],
        }
    }
}

impl TicketAction {
    /// Every ticket action.
    pub const ALL: [Self; 14] = [
        Self::SeeTicket,
        Self::Comment,
        Self::EditTexts,
        Self::Classify,
        Self::SeeNotes,
        Self::WriteNote,
        Self::Command(Command::Take),
        Self::Command(Command::Give),
        Self::Command(Command::HandOver),
        Self::Command(Command::Release),
        Self::Command(Command::Resolve),
        Self::Command(Command::Reopen),
        Self::Command(Command::Close),
        Self::Command(Command::Withdraw),
    ];

    /// Returns the row of the table: whether the requester, a technician who is not the assignee,
    /// the assignee, an admin and the help desk itself may do this.
    #[rustfmt::skip]
    #[expect(clippy::match_same_arms, reason = "a row for each action is what makes it a table")]
    pub(crate) const fn row(self) -> [bool; 5] {
        match self {
            //                                  requester technician assignee admin system
            Self::SeeTicket                  => [YES, YES, YES, YES, YES],
            Self::Comment                    => [YES, NO,  YES, YES, NO],
            Self::EditTexts                  => [YES, NO,  YES, YES, NO],
            Self::Classify                   => [NO,  YES, YES, YES, NO],
            Self::SeeNotes                   => [NO,  YES, YES, YES, NO],
            Self::WriteNote                  => [NO,  YES, YES, YES, NO],
            Self::Command(Command::Take)     => [NO,  YES, YES, NO,  NO],
            Self::Command(Command::Give)     => [NO,  NO,  NO,  YES, NO],
            Self::Command(Command::HandOver) => [NO,  NO,  YES, YES, NO],
            Self::Command(Command::Release)  => [NO,  NO,  YES, YES, NO],
            Self::Command(Command::Resolve)  => [NO,  NO,  YES, YES, NO],
            Self::Command(Command::Reopen)   => [YES, NO,  YES, YES, NO],
            Self::Command(Command::Close)    => [YES, NO,  NO,  YES, YES],
            Self::Command(Command::Withdraw) => [YES, NO,  NO,  YES, NO],
        }
    }
}

impl Person {
    /// Returns whether the person may take an action that concerns no single ticket.
    #[must_use]
    pub const fn may(&self, action: DeskAction) -> bool {
        let [user, technician, admin] = action.row();
        match self.role {
            Role::User => user,
            Role::Technician => technician,
            Role::Admin => admin,
            Role::System => NO,
        }
    }
}

/// What a person is to a ticket, and the role of a service account that acts for them. Such an
/// account may do what the table permits both to the person and to an account of its own role that
/// is the same to the ticket: its requester, its assignee or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketRole {
    role: Role,
    is_requester: bool,
    is_assignee: bool,
    service: Option<Role>,
    grant: Grant,
}

impl TicketRole {
    /// Returns what the person is to a ticket with this requester and assignee.
    #[must_use]
    pub fn of(person: &Person, requester: UserId, assignee: Option<UserId>) -> Self {
        let (is_requester, is_assignee) = (person.id == requester, assignee == Some(person.id));
        Self { role: person.role, is_requester, is_assignee, service: None, grant: Grant::Session }
    }

    /// Returns the same role, limited by a grant.
    pub(crate) const fn within(self, grant: Grant) -> Self {
        Self { grant, ..self }
    }

    /// Returns the same role, limited by that of a service account that acts for the person.
    pub(crate) const fn through(self, service: Role) -> Self {
        Self { service: Some(service), ..self }
    }

    /// Returns what the person may do without the service account that acts for them.
    pub(crate) const fn without_service(self) -> Self {
        Self { service: None, ..self }
    }

    /// Returns the role the person would have as the assignee.
    pub(crate) const fn as_assignee(self) -> Self {
        Self { is_assignee: true, ..self }
    }

    /// Returns whether they are the requester and do not work on the ticket themselves.
    #[must_use]
    pub const fn is_requester_only(self) -> bool {
        self.is_requester && !(self.is_assignee && matches!(self.role, Role::Technician))
    }

    /// Returns whether the table and the grant permit the action. An assignee who is no longer a
    /// technician has no permissions as the assignee.
    #[must_use]
    pub const fn may(self, action: TicketAction) -> bool {
        self.is_within_grant(action) && self.may_by_role(action)
    }

    /// Returns whether they may know that the ticket exists. The grant does not count: it is
    /// checked before the ticket is read, and must not make a ticket look missing.
    #[must_use]
    pub const fn sees(self) -> bool {
        self.may_by_role(TicketAction::SeeTicket)
    }

    /// Returns whether the grant permits the action.
    pub(crate) const fn is_within_grant(self, action: TicketAction) -> bool {
        self.grant.permits(action.permitted_by())
    }

    const fn may_by_role(self, action: TicketAction) -> bool {
        let [requester, ..] = action.row();
        (self.is_requester && requester) || self.staff_may(action)
    }

    /// Returns whether the table and the grant permit the action regardless of being the requester.
    #[must_use]
    pub const fn may_as_staff(self, action: TicketAction) -> bool {
        self.is_within_grant(action) && self.staff_may(action)
    }

    const fn staff_may(self, action: TicketAction) -> bool {
        let by_service = match self.service {
            Some(role) => self.may_as(role, action),
            None => true,
        };
        by_service && self.may_as(self.role, action)
    }

    const fn may_as(self, role: Role, action: TicketAction) -> bool {
        let [_, technician, assignee, admin, system] = action.row();
        match role {
            Role::User => false,
            Role::Technician if self.is_assignee => assignee,
            Role::Technician => technician,
            Role::Admin => admin,
            Role::System => system,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::{Debug, Write as _};

    use super::*;
    use crate::text::PersonName;

    fn line(text: &mut String, action: impl Debug, row: &[bool]) {
        let name = format!("{action:?}");
        write!(text, "{name:<20}").unwrap();
        for allowed in row {
            let cell = if *allowed { "yes" } else { "no" };
            write!(text, "  {cell:<10}").unwrap();
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }

    fn rendering() -> String {
        let mut text = "action                user        technician  admin\n".to_owned();
        for action in DeskAction::ALL {
            line(&mut text, action, &action.row());
        }
        text.push_str("\naction on a ticket    requester   technician  assignee    admin       system\n");
        for action in TicketAction::ALL {
            line(&mut text, action, &action.row());
        }
        text.push_str("\naction                a token needs one of\n");
        let desk = DeskAction::ALL.map(|action| (format!("{action:?}"), action.permitted_by()));
        let on_ticket = TicketAction::ALL.map(|action| (format!("{action:?}"), action.permitted_by()));
        for (action, by) in desk.into_iter().chain(on_ticket) {
            let scopes = match by {
                PermittedBy::Any => "- (any token)".to_owned(),
                PermittedBy::OneOf([]) => "- (never with a token)".to_owned(),
                PermittedBy::OneOf(scopes) => scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", "),
            };
            writeln!(text, "{action:<20}  {scopes}").unwrap();
        }
        text
    }

    #[test]
    fn the_permission_table_matches_its_snapshot() {
        assert_eq!(
            rendering(),
            include_str!("../../../tests/snapshots/permissions.txt"),
            "decide, then write the table as it is now to tests/snapshots/permissions.txt:\n{}",
            rendering()
        );
    }

    #[test]
    fn a_person_has_the_permissions_of_their_role() {
        let person =
            |role| Person { id: UserId::from_bytes([1; 16]), name: PersonName::parse("Ana".to_owned()).unwrap(), role };
        for action in DeskAction::ALL {
            let row = Role::ALL.map(|role| person(role).may(action));
            assert_eq!(row, action.row(), "{action:?}");
        }
    }

    #[test]
    fn permissions_on_a_ticket_come_from_the_role_and_from_being_requester() {
        for action in TicketAction::ALL {
            let [requester, technician, assignee, admin, system] = action.row();
            for (role, is_requester, is_assignee, expected) in [
                (Role::User, false, false, false),
                (Role::User, true, false, requester),
                (Role::User, false, true, false),
                (Role::Technician, false, false, technician),
                (Role::Technician, false, true, assignee),
                (Role::Technician, true, false, requester || technician),
                (Role::Technician, true, true, requester || assignee),
                (Role::Admin, false, false, admin),
                (Role::Admin, true, false, requester || admin),
                (Role::System, false, false, system),
            ] {
                let ticket_role = TicketRole { role, is_requester, is_assignee, service: None, grant: Grant::Session };
                assert_eq!(ticket_role.may(action), expected, "{ticket_role:?} {action:?}");
                for scope in Scope::ALL {
                    let limited = ticket_role.within(Grant::Token([scope].into_iter().collect()));
                    let permits = matches!(action.permitted_by(), PermittedBy::OneOf(all) if all.contains(&scope));
                    assert_eq!(limited.may(action), expected && permits, "{limited:?} {action:?}");
                    assert_eq!(limited.sees(), ticket_role.sees(), "{limited:?}");
                }
            }
        }
    }

    #[test]
    fn acting_for_a_person_needs_both_cells_of_the_table() {
        let mut narrower = 0;
        for (role, service) in Role::ALL.into_iter().flat_map(|role| Role::ALL.map(|service| (role, service))) {
            for (is_requester, is_assignee) in [(false, false), (true, false), (false, true), (true, true)] {
                let of = |role| TicketRole { role, is_requester, is_assignee, service: None, grant: Grant::Session };
                let acting = of(role).through(service);
                for action in TicketAction::ALL {
                    let both = of(role).may(action) && of(service).may(action);
                    assert_eq!(acting.may(action), both, "{acting:?} {action:?}");
                    let both = of(role).may_as_staff(action) && of(service).may_as_staff(action);
                    assert_eq!(acting.may_as_staff(action), both, "{acting:?} {action:?}");
                    narrower += usize::from(of(role).may(action) && !acting.may(action));
                }
                assert_eq!(acting.sees(), of(role).sees() && of(service).sees(), "{acting:?}");
                assert_eq!(acting.is_requester_only(), of(role).is_requester_only(), "{acting:?}");
                assert_eq!(acting.without_service(), of(role));
            }
            let named = |byte, role| Person {
                id: UserId::from_bytes([byte; 16]),
                name: PersonName::parse("Ana".to_owned()).unwrap(),
                role,
            };
            let (person, program) = (named(1, role), named(2, service));
            let acting = Actor::of(&program).acting_for(&person);
            assert_eq!((acting.person, acting.owner()), (&person, &program));
            for action in DeskAction::ALL {
                assert_eq!(acting.may(action), person.may(action) && program.may(action), "{acting:?} {action:?}");
                assert_eq!(acting.check(action).is_ok(), acting.may(action), "{acting:?} {action:?}");
            }
        }
        assert!(narrower > 20, "{narrower}");
    }
}
