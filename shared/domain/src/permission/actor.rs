//! Who makes a request, and how far their credentials reach.

use crate::id::{TokenId, UserId};
use crate::permission::{DeskAction, Grant, PermittedBy, REFUSED_TO_SERVICE, Scopes, TicketAction, TicketRole};
use crate::user::Person;

/// The person who acts, with the grant of the credentials. If a service account acts for them,
/// `via` is that account. Everything that decides what a request may do takes an actor, and
/// everything that only names a person takes a [`Person`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor<'a> {
    /// The person, who is named in the log.
    pub person: &'a Person,
    /// The service account that acts for the person, if one does. The log names it too.
    pub via: Option<&'a Person>,
    /// The API token that the request was sent with, if it was. The audit names it too.
    pub token_id: Option<TokenId>,
    grant: Grant,
}

/// The reason why an actor may not do something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The actor's API token may not be used for this, whatever the person's role.
    #[error("the token's scopes do not permit this")]
    OutOfScope(PermittedBy),
    /// The person's role does not permit it. The text says whose does.
    #[error("{0}")]
    Forbidden(String),
}

impl<'a> Actor<'a> {
    /// Returns the actor that a person is who signed in, or the help desk itself.
    #[must_use]
    pub const fn of(person: &'a Person) -> Self {
        Self { person, via: None, token_id: None, grant: Grant::Session }
    }

    /// Returns the actor that a program is with an API token of a person.
    #[must_use]
    pub const fn with_token(person: &'a Person, token_id: TokenId, scopes: Scopes) -> Self {
        Self { person, via: None, token_id: Some(token_id), grant: Grant::Token(scopes) }
    }

    /// Returns the actor that this service account is while it acts for a person.
    #[must_use]
    pub const fn acting_for(self, person: &'a Person) -> Self {
        Self { person, via: Some(self.person), ..self }
    }

    /// Returns the account that the credentials belong to.
    #[must_use]
    pub const fn owner(self) -> &'a Person {
        match self.via {
            Some(service) => service,
            None => self.person,
        }
    }

    /// Returns whether the grant, the person's role and that of a service account that acts for
    /// them all permit an action that concerns no single ticket.
    #[must_use]
    pub const fn may(self, action: DeskAction) -> bool {
        self.grant.permits(action.permitted_by()) && self.person.may(action) && self.owner().may(action)
    }

    /// Checks like [`Actor::may`]. The grant comes first.
    pub fn check(self, action: DeskAction) -> Result<(), Denied> {
        self.check_grant(action.permitted_by())?;
        if !self.person.may(action) {
            return Err(Denied::Forbidden(action.refusal(self.person.role)));
        }
        if self.owner().may(action) { Ok(()) } else { Err(Denied::Forbidden(REFUSED_TO_SERVICE.to_owned())) }
    }

    /// Checks that the grant permits an action on a ticket. What the person is to the ticket is
    /// checked once the ticket is read.
    pub fn check_scope(self, action: TicketAction) -> Result<(), Denied> {
        self.check_grant(action.permitted_by())
    }

    /// Checks only that the grant permits an action.
    pub fn check_grant(self, by: PermittedBy) -> Result<(), Denied> {
        if self.grant.permits(by) { Ok(()) } else { Err(Denied::OutOfScope(by)) }
    }

    /// Returns what the actor is to a ticket with this requester and assignee.
    #[must_use]
    pub fn role_on(self, requester: UserId, assignee: Option<UserId>) -> TicketRole {
        let ticket_role = TicketRole::of(self.person, requester, assignee).within(self.grant);
        match self.via {
            Some(service) => ticket_role.through(service.role),
            None => ticket_role,
        }
    }
}
