//! Which right each route asks for, and a request that nothing but the right decides.

use domain::lifecycle::{Command, Status};
use domain::permission::{DeskAction, TicketAction};

use super::cells::Relation;

/// The right a route asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Right {
    /// None: everybody gets this status.
    None,
    /// One that concerns no one ticket.
    Desk(DeskAction),
    /// One that concerns no one ticket, on something that must be one's own.
    DeskOnOwn(DeskAction),
    /// One that concerns no one ticket, on the account the path names.
    DeskOnUser(DeskAction),
    /// As that, where nobody may do it to themselves.
    DeskOnAnother(DeskAction),
    /// One that concerns no one ticket, on the webhook the path names, which is nobody's own.
    DeskOnWebhook(DeskAction),
    /// One on the ticket the path names.
    Ticket(TicketAction),
    /// To assign the ticket to oneself: who may not take it gives it, and tickets are given to technicians only.
    TakeTicket,
}

/// One route with one body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// What tells this row from another of the same route: a query, or a note of its body.
    pub(super) variant: &'static str,
    pub(super) right: Right,
    /// The body; `%email`, `%technician`, `%other` and `%unique` are filled in.
    pub(super) body: Option<&'static str>,
    /// Where the ticket stands, so that only the right decides.
    pub(super) status: Status,
    /// The answer to whoever may.
    pub(super) success: u16,
}

impl Row {
    pub(super) fn name(&self) -> String {
        format!("{} {}{}", self.method, self.path, self.variant)
    }

    /// Whether it changes what is the admins' to change: settings, or the accounts of others.
    pub(super) fn is_a_change_by_an_admin(&self) -> bool {
        use DeskAction::{ChangeRole, DeactivateUser, ManageWebhooks, UpdateUser};
        let changes = |action| matches!(action, ManageWebhooks | UpdateUser | ChangeRole | DeactivateUser);
        match self.right {
            Right::Desk(action)
            | Right::DeskOnOwn(action)
            | Right::DeskOnUser(action)
            | Right::DeskOnAnother(action)
            | Right::DeskOnWebhook(action) => self.method != "GET" && changes(action),
            Right::None | Right::Ticket(_) | Right::TakeTicket => false,
        }
    }

    /// In which relations to what the path names the route is called.
    pub(super) fn relations(&self) -> &'static [Relation] {
        match self.right {
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
}

const fn row(method: &'static str, path: &'static str, right: Right, body: Option<&'static str>, success: u16) -> Row {
    Row { method, path, variant: "", right, body, status: Status::InProgress, success }
}

const fn ticket(method: &'static str, path: &'static str, action: TicketAction, body: Option<&'static str>) -> Row {
    row(method, path, Right::Ticket(action), body, 200)
}

const fn command(path: &'static str, command: Command, from: Status, body: &'static str) -> Row {
    Row { status: from, ..ticket("POST", path, TicketAction::Command(command), Some(body)) }
}

const fn variant(row: Row, variant: &'static str) -> Row {
    Row { variant, ..row }
}

use DeskAction as D;
use Right::{Desk, DeskOnAnother, DeskOnOwn, DeskOnUser, DeskOnWebhook};
use TicketAction::{Classify, Comment, EditTexts, SeeNotes, SeeTicket, WriteNote};

/// The table.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row("GET", "/.well-known/jwks.json", Right::None, None, 200),
    row("POST", "/v1/auth/login", Right::None, Some(r#"{"email":"%email","password":"correct horse battery"}"#), 200),
    row("POST", "/v1/auth/logout", Right::None, Some(r#"{"refresh_token":"x"}"#), 204),
    row("POST", "/v1/auth/password/forgot", Right::None, Some(r#"{"email":"%unique@example.org"}"#), 202),
    row("POST", "/v1/auth/password/reset", Right::None, Some(r#"{"token":"x","password":"correct horse battery"}"#), 401),
    row("POST", "/v1/auth/refresh", Right::None, Some(r#"{"refresh_token":"x"}"#), 401),
    row("POST", "/v1/auth/register", Right::None, Some(r#"{"name":"New","email":"%unique@example.org","password":"correct horse battery"}"#), 201),
    row("GET", "/v1/me", Desk(D::SeeOwnAccount), None, 200),
    row("PATCH", "/v1/me", Desk(D::ManageOwnAccount), Some(r#"{"name":"Renamed"}"#), 200),
    row("POST", "/v1/me/password", Desk(D::ManageOwnAccount), Some(r#"{"current_password":"correct horse battery","new_password":"correct horse battery"}"#), 204),
    row("GET", "/v1/me/sessions", Desk(D::SeeOwnAccount), None, 200),
    row("DELETE", "/v1/me/sessions/{id}", DeskOnOwn(D::ManageOwnAccount), None, 204),
    row("GET", "/v1/notifications", Desk(D::UseInbox), None, 200),
    row("POST", "/v1/notifications/{id}/read", DeskOnOwn(D::UseInbox), None, 204),
    row("POST", "/v1/notifications/read-all", Desk(D::UseInbox), None, 204),
    row("GET", "/v1/notifications/unread-count", Desk(D::UseInbox), None, 200),
    row("GET", "/v1/me/notification-preferences", Desk(D::UseInbox), None, 200),
    row("PUT", "/v1/me/notification-preferences", Desk(D::UseInbox), Some(r#"{"language":"pt-BR"}"#), 200),
    row("GET", "/v1/unsubscribe/{token}", Right::None, None, 200),
    row("POST", "/v1/unsubscribe/{token}", Right::None, None, 204),
    row("GET", "/v1/webhooks", Desk(D::ManageWebhooks), None, 200),
    row("POST", "/v1/webhooks", Desk(D::ManageWebhooks), Some(r#"{"url":"https://example.org/%unique"}"#), 201),
    row("GET", "/v1/webhooks/{id}", DeskOnWebhook(D::ManageWebhooks), None, 200),
    row("PATCH", "/v1/webhooks/{id}", DeskOnWebhook(D::ManageWebhooks), Some(r#"{"description":"Other"}"#), 200),
    row("DELETE", "/v1/webhooks/{id}", DeskOnWebhook(D::ManageWebhooks), None, 204),
    row("POST", "/v1/webhooks/{id}/rotate-secret", DeskOnWebhook(D::ManageWebhooks), None, 200),
    row("POST", "/v1/webhooks/{id}/ping", DeskOnWebhook(D::ManageWebhooks), None, 202),
    row("GET", "/v1/webhooks/{id}/deliveries", DeskOnWebhook(D::ManageWebhooks), None, 200),
    row("POST", "/v1/webhooks/{id}/deliveries/{delivery}/replay", DeskOnWebhook(D::ManageWebhooks), None, 202),
    row("GET", "/v1/users", Desk(D::ListUsers), None, 200),
    variant(row("GET", "/v1/users", Desk(D::ListTechnicians), None, 200), "?role=technician"),
    variant(row("GET", "/v1/users", Desk(D::SeeUser), None, 200), "?email=nobody@example.org"),
    row("GET", "/v1/users/{id}", DeskOnUser(D::SeeUser), None, 200),
    variant(row("PATCH", "/v1/users/{id}", DeskOnUser(D::UpdateUser), Some(r#"{"name":"Renamed"}"#), 200), " (name)"),
    variant(row("PATCH", "/v1/users/{id}", DeskOnAnother(D::UpdateUser), Some(r#"{"email":"%unique@example.org"}"#), 200), " (address)"),
    row("DELETE", "/v1/users/{id}", DeskOnAnother(D::DeactivateUser), None, 204),
    row("PUT", "/v1/users/{id}/role", DeskOnAnother(D::ChangeRole), Some(r#"{"role":"technician"}"#), 200),
    row("POST", "/v1/tickets", Desk(D::OpenTicket), Some(r#"{"title":"T","description":"D"}"#), 201),
    variant(row("POST", "/v1/tickets", Desk(D::OpenForAnother), Some(r#"{"title":"T","description":"D","requester_id":"%other"}"#), 201), " (for another)"),
    row("GET", "/v1/tickets", Desk(D::ListOwnTickets), None, 200),
    ticket("GET", "/v1/tickets/{number}", SeeTicket, None),
    variant(Row { status: Status::Open, ..ticket("PATCH", "/v1/tickets/{number}", EditTexts, Some(r#"{"title":"Other"}"#)) }, " (texts)"),
    variant(ticket("PATCH", "/v1/tickets/{number}", Classify, Some(r#"{"priority":"low"}"#)), " (classes)"),
    variant(Row { status: Status::Open, ..row("POST", "/v1/tickets/{number}/assign", Right::TakeTicket, None, 200) }, " (take)"),
    variant(command("/v1/tickets/{number}/assign", Command::Give, Status::Open, r#"{"assignee_id":"%technician"}"#), " (give)"),
    variant(command("/v1/tickets/{number}/assign", Command::HandOver, Status::InProgress, r#"{"assignee_id":"%technician"}"#), " (hand over)"),
    command("/v1/tickets/{number}/release", Command::Release, Status::InProgress, "{}"),
    command("/v1/tickets/{number}/resolve", Command::Resolve, Status::InProgress, r#"{"resolution":"Done."}"#),
    command("/v1/tickets/{number}/reopen", Command::Reopen, Status::Resolved, "{}"),
    command("/v1/tickets/{number}/close", Command::Close, Status::Resolved, "{}"),
    command("/v1/tickets/{number}/withdraw", Command::Withdraw, Status::Open, "{}"),
    ticket("GET", "/v1/tickets/{number}/comments", SeeTicket, None),
    Row { success: 201, ..ticket("POST", "/v1/tickets/{number}/comments", Comment, Some(r#"{"body":"Hello."}"#)) },
    ticket("GET", "/v1/tickets/{number}/events", SeeTicket, None),
    ticket("GET", "/v1/tickets/{number}/notes", SeeNotes, None),
    Row { success: 201, ..ticket("POST", "/v1/tickets/{number}/notes", WriteNote, Some(r#"{"body":"Between us."}"#)) },
    ticket("GET", "/v1/tickets/{number}/timeline", SeeTicket, None),
    ticket("GET", "/v1/tickets/{number}/verify", SeeTicket, None),
];
