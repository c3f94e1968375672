//! The contents of a row of the table of endpoints.

use domain::lifecycle::{Command, Status};
use domain::permission::{DeskAction, PermittedBy, TicketAction};

/// An endpoint: who may call it, with which bodies, and which of its calls are measured.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    /// The method and the path, as docs/openapi.yaml writes them.
    pub route: &'static str,
    /// The calls of the endpoint, at least one for each permission that it requires.
    pub calls: &'static [Call],
    /// The query of its sample in `events/`.
    pub sample_query: &'static str,
}

impl Endpoint {
    /// Returns the method.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.route.split_once(' ').map_or("", |(method, _)| method)
    }

    /// Returns the path.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.route.split_once(' ').map_or("", |(_, path)| path)
    }

    /// Sets the query of the sample.
    #[must_use]
    pub const fn sample_query(self, sample_query: &'static str) -> Self {
        Self { sample_query, ..self }
    }
}

/// The permission that a call requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// None: all callers get the same status.
    None,
    /// A permission that is not about a single ticket.
    Desk(DeskAction),
    /// Such a permission on something that must belong to the caller.
    DeskOnOwn(DeskAction),
    /// Such a permission on the account in the path.
    DeskOnUser(DeskAction),
    /// The same, but not on the caller's own account.
    DeskOnAnother(DeskAction),
    /// Such a permission on the webhook in the path, which has no owner.
    DeskOnWebhook(DeskAction),
    /// A permission on the ticket in the path.
    Ticket(TicketAction),
    /// To assign the ticket to oneself. A caller who may not take it gives it, and tickets are
    /// given only to technicians.
    TakeTicket,
}

/// A call of an endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub right: Right,
    /// The status of the response to a permitted caller.
    pub status: u16,
    /// What distinguishes this call from another of the same endpoint: a query, or a note about its
    /// body.
    pub variant: &'static str,
    /// The body, or none if it is empty. These placeholders are filled in:
    ///
    /// - `%title` and `%text`: a title, and a text of several lines
    /// - `%email`, `%password`, `%refresh` and `%token`: the caller's address, password and refresh
    ///   token, and the token of a mailed link
    /// - `%technician` and `%other`: the ids of a technician, and of another person's account
    /// - `%unique`: a new word each time
    pub body: &'static str,
    /// The body of the sample in `events/`, if it is to show more.
    pub sample: &'static str,
    /// The status of the ticket in the path, so that only the permission decides.
    pub from: Status,
    /// The costs that are measured.
    pub costs: &'static [Cost],
}

impl Call {
    /// Sets what distinguishes the call from another of the same endpoint.
    #[must_use]
    pub const fn variant(self, variant: &'static str) -> Self {
        Self { variant, ..self }
    }

    /// Sets the body of the call.
    #[must_use]
    pub const fn body(self, body: &'static str) -> Self {
        Self { body, ..self }
    }

    /// Sets another body for the sample.
    #[must_use]
    pub const fn sample(self, sample: &'static str) -> Self {
        Self { sample, ..self }
    }

    /// Sets the status of the ticket.
    #[must_use]
    pub const fn from(self, from: Status) -> Self {
        Self { from, ..self }
    }

    /// Sets the costs that are measured.
    #[must_use]
    pub const fn costs(self, costs: &'static [Cost]) -> Self {
        Self { costs, ..self }
    }
}

/// The sender of a request whose cost is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A caller without a token.
    Anyone,
    /// The requester of the tickets.
    Ana,
    /// A technician.
    Tina,
    /// The admin.
    Ada,
    /// A program with an API token of the requester, which it has used before on that day.
    Program,
    /// The same, but for the first time on that day.
    NewProgram,
}

/// A request whose cost is measured: the call it belongs to, with these changes.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub who: Who,
    /// Another route than the call's, requested after it.
    pub route: Option<&'static str>,
    pub query: &'static str,
    /// Another body than the call's.
    pub body: Option<&'static str>,
    /// Another status than the call's.
    pub status: Option<u16>,
    /// What distinguishes it from another request of the same route.
    pub note: &'static str,
    /// The number of items on the page in the response.
    pub shows: Option<usize>,
    /// An additional header. `%unique` is filled in, and so is `%again`, with a key that was used
    /// before.
    pub header: Option<(&'static str, &'static str)>,
    /// The commands executed on the ticket before.
    pub after: &'static [&'static str],
    /// The id in the path: `%long` for a ticket with a long log.
    pub on: Option<&'static str>,
    /// Whether a password is hashed.
    pub hashes: bool,
    /// The kind of attempts for which the network is throttled.
    pub waits: Option<&'static str>,
}

impl Cost {
    #[must_use]
    pub const fn route(self, route: &'static str) -> Self {
        Self { route: Some(route), ..self }
    }

    #[must_use]
    pub const fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    #[must_use]
    pub const fn body(self, body: &'static str) -> Self {
        Self { body: Some(body), ..self }
    }

    #[must_use]
    pub const fn status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }

    #[must_use]
    pub const fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    #[must_use]
    pub const fn shows(self, count: usize) -> Self {
        Self { shows: Some(count), ..self }
    }

    #[must_use]
    pub const fn header(self, name: &'static str, value: &'static str) -> Self {
        Self { header: Some((name, value)), ..self }
    }

    #[must_use]
    pub const fn after(self, after: &'static [&'static str]) -> Self {
        Self { after, ..self }
    }

    #[must_use]
    pub const fn on(self, on: &'static str) -> Self {
        Self { on: Some(on), ..self }
    }

    #[must_use]
    pub const fn waits(self, kind: &'static str) -> Self {
        Self { waits: Some(kind), ..self }
    }

    #[must_use]
    pub const fn hashes(self) -> Self {
        Self { hashes: true, ..self }
    }
}

pub(crate) const fn endpoint(route: &'static str, calls: &'static [Call]) -> Endpoint {
    Endpoint { route, calls, sample_query: "" }
}

pub(crate) const fn call(right: Right, status: u16) -> Call {
    Call { right, status, variant: "", body: "", sample: "", from: Status::InProgress, costs: &[] }
}

pub(crate) const fn by(who: Who) -> Cost {
    Cost {
        who,
        route: None,
        query: "",
        body: None,
        status: None,
        note: "",
        shows: None,
        header: None,
        after: &[],
        on: None,
        hashes: false,
        waits: None,
    }
}

/// A call and its endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub endpoint: &'static Endpoint,
    pub call: &'static Call,
}

impl Row {
    /// Returns the route and what distinguishes the call from others of it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}{}", self.endpoint.route, self.call.variant)
    }

    /// Returns whether it changes settings or the accounts of others, which only admins may.
    #[must_use]
    pub fn is_admin_change(&self) -> bool {
        use DeskAction::{
            ChangeRole, CreateServiceAccount, DeactivateUser, InviteUser, IssueToken, ManageTokensOfOthers,
            ManageWebhooks, UpdateUser,
        };
        let changes = |action| {
            let of_accounts = matches!(action, UpdateUser | ChangeRole | DeactivateUser | CreateServiceAccount);
            of_accounts || matches!(action, ManageWebhooks | InviteUser | ManageTokensOfOthers | IssueToken)
        };
        match self.call.right {
            Right::Desk(action)
            | Right::DeskOnOwn(action)
            | Right::DeskOnUser(action)
            | Right::DeskOnAnother(action)
            | Right::DeskOnWebhook(action) => self.endpoint.method() != "GET" && changes(action),
            Right::None | Right::Ticket(_) | Right::TakeTicket => false,
        }
    }

    /// Returns which scopes of an API token permit the call, or `None` if it is public.
    #[must_use]
    pub const fn permitted_by(&self) -> Option<PermittedBy> {
        match self.call.right {
            Right::None => None,
            Right::Desk(action)
            | Right::DeskOnOwn(action)
            | Right::DeskOnUser(action)
            | Right::DeskOnAnother(action)
            | Right::DeskOnWebhook(action) => Some(action.permitted_by()),
            Right::Ticket(action) => Some(action.permitted_by()),
            Right::TakeTicket => Some(TicketAction::Command(Command::Take).permitted_by()),
        }
    }
}
