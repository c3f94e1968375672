//! Who may do what: one table. Every handler asks it, and nothing else compares roles.
//!
//! A row is an [`Action`], a column is what the person is to the ticket. A technician who is also the requester of a ticket has
//! the rights of both columns. `tests/snapshots/permissions.txt` is this table as text, under version control.

use crate::id::UserId;
use crate::lifecycle::Command;
use crate::user::{Person, Role};

/// What somebody may want to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Read one's own account.
    SeeOwnAccount,
    /// Read one's own inbox and mark what is in it as read.
    UseInbox,
    /// List all accounts.
    ListUsers,
    /// List the accounts of technicians.
    ListTechnicians,
    /// Change what somebody is to the help desk.
    ChangeRole,
    /// Open a ticket.
    OpenTicket,
    /// Open a ticket in another person's name.
    OpenForAnother,
    /// List tickets that are not one's own.
    ListAllTickets,
    /// Read a ticket, its comments, its events and its timeline.
    SeeTicket,
    /// Say something on a ticket.
    Comment,
    /// Move a ticket on.
    Command(Command),
}

/// One row of the table: for each column, whether the action is allowed.
struct Row {
    requester: bool,
    technician: bool,
    assignee: bool,
    admin: bool,
}

const YES: bool = true;
const NO: bool = false;

const fn row(requester: bool, technician: bool, assignee: bool, admin: bool) -> Row {
    Row {
        requester,
        technician,
        assignee,
        admin,
    }
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 18] = [
        Self::SeeOwnAccount,
        Self::UseInbox,
        Self::ListUsers,
        Self::ListTechnicians,
        Self::ChangeRole,
        Self::OpenTicket,
        Self::OpenForAnother,
        Self::ListAllTickets,
        Self::SeeTicket,
        Self::Comment,
        Self::Command(Command::Take),
        Self::Command(Command::Give),
        Self::Command(Command::HandOver),
        Self::Command(Command::Release),
        Self::Command(Command::Resolve),
        Self::Command(Command::Reopen),
        Self::Command(Command::Close),
        Self::Command(Command::Withdraw),
    ];

    /// The table. `requester` is also the column of a user where no ticket is concerned, `technician` that of a technician who is
    /// not the assignee.
    const fn row(self) -> Row {
        match self {
            //                                        requester technician assignee admin
            Self::SeeOwnAccount => /*              */ row(YES, YES, YES, YES),
            Self::UseInbox => /*                   */ row(YES, YES, YES, YES),
            Self::ListUsers => /*                  */ row(NO, NO, NO, YES),
            Self::ListTechnicians => /*            */ row(NO, YES, YES, YES),
            Self::ChangeRole => /*                 */ row(NO, NO, NO, YES),
            Self::OpenTicket => /*                 */ row(YES, YES, YES, YES),
            Self::OpenForAnother => /*             */ row(NO, YES, YES, YES),
            Self::ListAllTickets => /*             */ row(NO, YES, YES, YES),
            Self::SeeTicket => /*                  */ row(YES, YES, YES, YES),
            Self::Comment => /*                    */ row(YES, NO, YES, YES),
            Self::Command(Command::Take) => /*     */ row(NO, YES, YES, NO),
            Self::Command(Command::Give) => /*     */ row(NO, NO, NO, YES),
            Self::Command(Command::HandOver) => /* */ row(NO, NO, YES, YES),
            Self::Command(Command::Release) => /*  */ row(NO, NO, YES, YES),
            Self::Command(Command::Resolve) => /*  */ row(NO, NO, YES, YES),
            Self::Command(Command::Reopen) => /*   */ row(YES, NO, YES, YES),
            Self::Command(Command::Close) => /*    */ row(YES, NO, NO, YES),
            Self::Command(Command::Withdraw) => /* */ row(YES, NO, NO, YES),
        }
    }
}

/// What a person is to a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    role: Role,
    is_requester: bool,
    is_assignee: bool,
}

impl Standing {
    /// What the person is to a ticket of this requester and assignee.
    #[must_use]
    pub fn of(person: &Person, requester: UserId, assignee: Option<UserId>) -> Self {
        Self {
            role: person.role,
            is_requester: person.id == requester,
            is_assignee: assignee == Some(person.id),
        }
    }

    /// What a person of that role is where no ticket is concerned.
    #[must_use]
    pub const fn of_role(role: Role) -> Self {
        Self {
            role,
            is_requester: matches!(role, Role::User),
            is_assignee: false,
        }
    }

    /// What the table says. Somebody who was assigned a ticket and is no technician any more has no right from that.
    #[must_use]
    pub const fn may(self, action: Action) -> bool {
        let row = action.row();
        let by_role = match self.role {
            Role::User => false,
            Role::Technician if self.is_assignee => row.assignee,
            Role::Technician => row.technician,
            Role::Admin => row.admin,
        };
        by_role || (self.is_requester && row.requester)
    }
}

impl Person {
    /// Whether they may do this where no ticket is concerned.
    #[must_use]
    pub const fn may(&self, action: Action) -> bool {
        Standing::of_role(self.role).may(action)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn rendering() -> String {
        let mut text = format!(
            "{:<18}  {:<9}  {:<10}  {:<8}  admin\n",
            "action", "requester", "technician", "assignee"
        );
        for action in Action::ALL {
            let Row {
                requester,
                technician,
                assignee,
                admin,
            } = action.row();
            let cell = |allowed: bool| if allowed { "yes" } else { "no" };
            let name = format!("{action:?}");
            writeln!(
                text,
                "{name:<18}  {:<9}  {:<10}  {:<8}  {}",
                cell(requester),
                cell(technician),
                cell(assignee),
                cell(admin)
            )
            .unwrap();
        }
        text
    }

    #[test]
    fn the_table_is_the_one_under_version_control() {
        assert_eq!(
            rendering(),
            include_str!("../../../tests/snapshots/permissions.txt"),
            "decide, then write the table as it is now to tests/snapshots/permissions.txt:\n{}",
            rendering()
        );
    }

    #[test]
    fn a_person_has_the_rights_of_their_role_and_of_being_the_requester() {
        for action in Action::ALL {
            let Row {
                requester,
                technician,
                assignee,
                admin,
            } = action.row();
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
            ] {
                let standing = Standing {
                    role,
                    is_requester,
                    is_assignee,
                };
                assert_eq!(standing.may(action), expected, "{standing:?} {action:?}");
            }
        }
    }
}
