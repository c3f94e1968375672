//! What an API token may be used for: one more column of the tables of [`super`].
//!
//! A request with a token needs both the permission of the person's role and a scope of the token.
//! The scope is checked first, so that a token reveals nothing about what it may not be used for.
//! `tests/snapshots/permissions.txt` shows the table.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{DeskAction, TicketAction};
use crate::field::{Faults, FromField};

/// What an API token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Read tickets, their comments, events and timelines.
    ReadTickets,
    /// Open tickets.
    OpenTickets,
    /// Comment on tickets.
    Comment,
    /// Edit tickets and execute commands on them.
    Work,
    /// Read and write the internal notes of staff.
    Notes,
    /// Read the inbox, mark notifications as read, and choose preferences.
    Inbox,
    /// Read accounts.
    ReadUsers,
    /// Invite people, change accounts, and see and revoke the tokens of others.
    Administer,
    /// Manage webhooks.
    ManageWebhooks,
    /// Read what was done to accounts and webhooks.
    ReadAudit,
    /// Act for people.
    ActFor,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 11] = [
        Self::ReadTickets,
        Self::OpenTickets,
        Self::Comment,
        Self::Work,
        Self::Notes,
        Self::Inbox,
        Self::ReadUsers,
        Self::Administer,
        Self::ManageWebhooks,
        Self::ReadAudit,
        Self::ActFor,
    ];

    /// Returns its name in requests, responses and items.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadTickets => "read_tickets",
            Self::OpenTickets => "open_tickets",
            Self::Comment => "comment",
            Self::Work => "work",
            Self::Notes => "notes",
            Self::Inbox => "inbox",
            Self::ReadUsers => "read_users",
            Self::Administer => "administer",
            Self::ManageWebhooks => "manage_webhooks",
            Self::ReadAudit => "read_audit",
            Self::ActFor => "act_for",
        }
    }

    /// Returns the scope with that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl FromField for Scope {
    fn from_field(value: Value) -> Result<Self, Faults> {
        let name = String::from_field(value)?;
        let names = || Self::ALL.map(Self::as_str).join(", ");
        Self::named(&name).ok_or_else(|| format!("must be one of {}", names()).into())
    }
}

/// The scopes that permit an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PermittedBy {
    /// Every token.
    Any,
    /// A token with one of these. With none of them, no token: the person has to sign in.
    OneOf(&'static [Scope]),
}

const NEVER: PermittedBy = PermittedBy::OneOf(&[]);

impl DeskAction {
    /// Returns which scopes permit this.
    #[rustfmt::skip]
    #[must_use]
    #[expect(clippy::match_same_arms, reason = "a row for each action is what makes it a table")]
    pub const fn permitted_by(self) -> PermittedBy {
        use PermittedBy::{Any, OneOf};
        match self {
            Self::SeeOwnAccount        => Any,
            Self::ManageOwnAccount     => NEVER,
            Self::ManageTokens         => NEVER,
            Self::UseInbox             => OneOf(&[Scope::Inbox]),
            Self::WatchNewTickets      => OneOf(&[Scope::Inbox]),
            Self::SeeUser              => OneOf(&[Scope::ReadUsers]),
            Self::ListUsers            => OneOf(&[Scope::ReadUsers]),
            Self::ListTechnicians      => OneOf(&[Scope::ReadUsers]),
            Self::UpdateUser           => OneOf(&[Scope::Administer]),
            Self::InviteUser           => OneOf(&[Scope::Administer]),
            Self::ChangeRole           => OneOf(&[Scope::Administer]),
            Self::DeactivateUser       => OneOf(&[Scope::Administer]),
            Self::CreateServiceAccount => OneOf(&[Scope::Administer]),
            Self::IssueToken           => NEVER,
            Self::ManageTokensOfOthers => OneOf(&[Scope::Administer]),
            Self::ReadAudit            => OneOf(&[Scope::ReadAudit]),
            Self::ManageWebhooks       => OneOf(&[Scope::ManageWebhooks]),
            Self::OpenTicket           => OneOf(&[Scope::OpenTickets]),
            Self::OpenForAnother       => OneOf(&[Scope::OpenTickets]),
            Self::ActForPerson         => OneOf(&[Scope::ActFor]),
            Self::ListOwnTickets       => OneOf(&[Scope::ReadTickets]),
            Self::ListAllTickets       => OneOf(&[Scope::ReadTickets]),
        }
    }
}

impl TicketAction {
    /// Returns which scopes permit this.
    #[rustfmt::skip]
    #[must_use]
    #[expect(clippy::match_same_arms, reason = "a row for each action is what makes it a table")]
    pub const fn permitted_by(self) -> PermittedBy {
        use PermittedBy::OneOf;
        match self {
            // The answer to a command is the ticket.
            Self::SeeTicket  => OneOf(&[Scope::ReadTickets, Scope::Work]),
            Self::Comment    => OneOf(&[Scope::Comment]),
            Self::EditTexts  => OneOf(&[Scope::Work]),
            Self::Classify   => OneOf(&[Scope::Work]),
            Self::SeeNotes   => OneOf(&[Scope::Notes]),
            Self::WriteNote  => OneOf(&[Scope::Notes]),
            Self::Command(_) => OneOf(&[Scope::Work]),
        }
    }
}

/// The scopes of a token.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<String>", from = "Vec<String>")]
pub struct Scopes(u16);

impl Scopes {
    /// Returns the scopes in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }

    /// Returns whether the scope is among them.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    const fn permit(self, by: PermittedBy) -> bool {
        let PermittedBy::OneOf(mut needed) = by else {
            return true;
        };
        while let [scope, others @ ..] = needed {
            if self.contains(*scope) {
                return true;
            }
            needed = others;
        }
        false
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl From<Scopes> for Vec<String> {
    fn from(scopes: Scopes) -> Self {
        scopes.iter().map(|scope| scope.as_str().to_owned()).collect()
    }
}

impl From<Vec<String>> for Scopes {
    /// Leaves out names that this version does not know: what they permit, it does not have.
    fn from(names: Vec<String>) -> Self {
        names.iter().filter_map(|name| Scope::named(name)).collect()
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.iter()).finish()
    }
}

/// How far the credentials of a request reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// As far as the person's role: the person signed in, or the help desk acts itself.
    Session,
    /// As far as the person's role and these scopes of an API token.
    Token(Scopes),
}

impl Grant {
    /// Returns whether the grant reaches as far as such an action.
    #[must_use]
    pub const fn permits(self, by: PermittedBy) -> bool {
        match self {
            Self::Session => true,
            Self::Token(scopes) => scopes.permit(by),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> impl Iterator<Item = (String, PermittedBy)> {
        let desk = DeskAction::ALL.map(|action| (format!("{action:?}"), action.permitted_by()));
        let ticket = TicketAction::ALL.map(|action| (format!("{action:?}"), action.permitted_by()));
        desk.into_iter().chain(ticket)
    }

    #[test]
    fn a_token_permits_what_one_of_its_scopes_does_and_a_session_everything() {
        for (action, by) in rows() {
            assert!(Grant::Session.permits(by), "{action}");
            for bits in 0..1 << Scope::ALL.len() {
                let scopes: Scopes = Scope::ALL.into_iter().filter(|scope| bits & scope.bit() != 0).collect();
                let expected = match by {
                    PermittedBy::Any => true,
                    PermittedBy::OneOf(needed) => needed.iter().any(|scope| scopes.contains(*scope)),
                };
                assert_eq!(Grant::Token(scopes).permits(by), expected, "{action} with {scopes:?}");
            }
        }
    }

    #[test]
    fn every_scope_permits_something() {
        for scope in Scope::ALL {
            let permits = |by| matches!(by, PermittedBy::OneOf(scopes) if scopes.contains(&scope));
            assert!(rows().any(|(_, by)| permits(by)), "{scope:?}");
        }
    }

    #[test]
    fn no_token_manages_the_account_of_its_person_or_makes_tokens() {
        for action in [DeskAction::ManageOwnAccount, DeskAction::ManageTokens, DeskAction::IssueToken] {
            assert_eq!(action.permitted_by(), NEVER, "{action:?}");
        }
    }

    #[test]
    fn scopes_are_stored_by_name_and_unknown_names_permit_nothing() {
        let scopes: Scopes = [Scope::Work, Scope::ReadTickets].into_iter().collect();
        let text = r#"["read_tickets","work"]"#;
        assert_eq!(serde_json::to_string(&scopes).unwrap(), text);
        assert_eq!(serde_json::from_str::<Scopes>(text).unwrap(), scopes);
        let of_later = r#"["work","read_tickets","travel_in_time"]"#;
        assert_eq!(serde_json::from_str::<Scopes>(of_later).unwrap(), scopes);
        assert_eq!(Scope::ALL.into_iter().collect::<Scopes>().iter().collect::<Vec<_>>(), Scope::ALL);
    }
}
