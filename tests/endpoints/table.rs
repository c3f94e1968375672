//! The table: one row for each endpoint, in the order in which the calls are measured.

use domain::lifecycle::{Command, Status};
use domain::permission::DeskAction::{
    ChangeRole, CreateServiceAccount, DeactivateUser, InviteUser, IssueToken, ListOwnTickets, ListTechnicians,
    ListUsers, ManageOwnAccount, ManageTokens, ManageTokensOfOthers, ManageWebhooks, OpenForAnother, OpenTicket,
    ReadAudit, SeeOwnAccount, SeeUser, UpdateUser, UseInbox,
};
use domain::permission::TicketAction::{self, Classify, Comment, EditTexts, SeeNotes, SeeTicket, WriteNote};

use crate::row::Right::{self, Desk, DeskOnAnother, DeskOnOwn, DeskOnUser, DeskOnWebhook, TakeTicket, Ticket};
use crate::row::Who::{Ada, Ana, Anyone, NewProgram, Program, Tina};
use crate::row::{Call, Endpoint, Row, by, call, endpoint};

/// Returns every call of every endpoint.
pub fn rows() -> impl Iterator<Item = Row> {
    ENDPOINTS.iter().flat_map(|endpoint| endpoint.calls.iter().map(move |call| Row { endpoint, call }))
}

/// Returns the call of a command on a ticket in this status.
const fn command(command: Command, from: Status) -> Call {
    call(Ticket(TicketAction::Command(command)), 200).from(from)
}

const REGISTRATION: &str = r#"{"name":"Bea","email":"%unique@example.org"}"#;
const INVITED: &str = r#"{"name":"Noah","email":"%unique@example.org","role":"user"}"#;
const CREDENTIALS: &str = r#"{"email":"%email","password":"%password"}"#;
const GUESS: &str = r#"{"email":"%unique@example.org","password":"incorrect horse battery"}"#;
const REFRESH: &str = r#"{"refresh_token":"%refresh"}"#;
const RESET: &str = r#"{"token":"%token","password":"%password"}"#;
const PASSWORDS: &str = r#"{"current_password":"%password","new_password":"%password"}"#;
const TOKEN: &str = r#"{"name":"%unique","scopes":["read_tickets"],"expires_at":"2099-01-01T00:00:00.000Z"}"#;
const SERVICE: &str = r#"{"name":"%unique","role":"technician"}"#;
const TICKET: &str = r#"{"title":"%title","description":"%text","category":"printers","tags":["paper","third floor"]}"#;
const URGENT: &str =
    r#"{"title":"%title","description":"%text","category":"printers","tags":["paper"],"priority":"urgent"}"#;
const FOR_ANOTHER: &str = r#"{"title":"%title","description":"%text","requester_id":"%other"}"#;
const FOR_ADDRESS: &str = r#"{"title":"%title","description":"%text","requester_email":"%email"}"#;
const TO_TECHNICIAN: &str = r#"{"assignee_id":"%technician"}"#;
const TEXT: &str = r#"{"body":"%text"}"#;
const WEBHOOK: &str = r#"{"url":"https://example.org/%unique","events":["closed"]}"#;
const ASSIGNED: &[&str] = &["assign"];
const RESOLVED: &[&str] = &["assign", "resolve"];
const ALL_READ: &str = "GET /v1/notifications/unread-count";

/// Every endpoint.
#[rustfmt::skip]
pub const ENDPOINTS: &[Endpoint] = &[
    endpoint("POST /v1/auth/register", &[call(Right::None, 202).body(REGISTRATION)
        .sample(r#"{"name":"Rita Requester","email":"rita@example.com"}"#).costs(&[by(Anyone)])]),
    endpoint("POST /v1/auth/login", &[call(Right::None, 200).body(CREDENTIALS).costs(&[
        by(Anyone).hashes(),
        by(Anyone).body(GUESS).status(401).note("wrong password").hashes(),
        by(Anyone).body(GUESS).status(429).note("wrong password from a throttled network").waits("sign-in-from").hashes(),
    ])]),
    // Without a valid token: 401.
    endpoint("POST /v1/auth/refresh", &[call(Right::None, 401).body(REFRESH).costs(&[by(Anyone).status(200)])]),
    endpoint("POST /v1/auth/logout", &[call(Right::None, 204).body(REFRESH).costs(&[by(Anyone)])]),
    endpoint("POST /v1/auth/password/forgot", &[call(Right::None, 202).body(r#"{"email":"%unique@example.org"}"#)
        .sample(r#"{"email":"rita@example.com"}"#).costs(&[
            by(Anyone).body(r#"{"email":"%email"}"#),
            by(Anyone).note("from a throttled network").waits("reset-from"),
        ])]),
    endpoint("POST /v1/auth/password/reset", &[call(Right::None, 401).body(RESET).costs(&[by(Anyone).status(204).hashes()])]),
    endpoint("GET /v1/auth/email/verify/{token}", &[call(Right::None, 200).costs(&[by(Anyone)])]),
    endpoint("POST /v1/auth/email/verify/{token}", &[call(Right::None, 401).costs(&[by(Anyone).status(204)])]),
    endpoint("GET /.well-known/jwks.json", &[call(Right::None, 200).costs(&[by(Anyone)])]),
    endpoint("GET /assets/{file}", &[call(Right::None, 200).costs(&[by(Anyone)])]),
    endpoint("GET /app/{page}/{item}", &[call(Right::None, 200).costs(&[by(Anyone)])]),
    endpoint("GET /app/{page}", &[call(Right::None, 200).costs(&[by(Anyone)])]).sample_query("status=open"),
    endpoint("GET /", &[call(Right::None, 200).costs(&[by(Anyone)])]),
    endpoint("GET /openapi.json", &[call(Right::None, 200).costs(&[by(Anyone)])]),
    endpoint("GET /docs/{asset}", &[call(Right::None, 200).costs(&[by(Anyone)])]),
    endpoint("GET /docs", &[call(Right::None, 200).costs(&[by(Anyone)])]),
    endpoint("GET /v1/me", &[call(Desk(SeeOwnAccount), 200).costs(&[
        by(Ana),
        by(Program).note("with an API token"),
        by(NewProgram).note("with an API token, the first time that day"),
    ])]),
    endpoint("PATCH /v1/me", &[call(Desk(ManageOwnAccount), 200).body(r#"{"name":"Ana B."}"#).costs(&[by(Ana)])]),
    endpoint("POST /v1/me/password", &[call(Desk(ManageOwnAccount), 204).body(PASSWORDS)
        .sample(r#"{"current_password":"a horse of a different colour","new_password":"the colour of another horse"}"#)
        .costs(&[by(Ana).hashes()])]),
    endpoint("GET /v1/me/sessions", &[call(Desk(ManageOwnAccount), 200).costs(&[by(Ana)])]),
    endpoint("DELETE /v1/me/sessions/{id}", &[call(DeskOnOwn(ManageOwnAccount), 204).costs(&[by(Ana)])]),
    endpoint("POST /v1/me/tokens", &[call(Desk(ManageTokens), 201).body(TOKEN)
        .sample(r#"{"name":"Nightly report","scopes":["read_tickets"],"expires_at":"2027-01-31T12:00:00.000Z"}"#)
        .costs(&[by(Ana)])]),
    endpoint("GET /v1/me/tokens", &[call(Desk(ManageTokens), 200).costs(&[by(Ana)])]),
    endpoint("DELETE /v1/me/tokens/{id}", &[call(DeskOnOwn(ManageTokens), 204).costs(&[by(Ana)])]),
    endpoint("POST /v1/service-accounts", &[call(Desk(CreateServiceAccount), 201).body(SERVICE)
        .sample(r#"{"name":"Mail gateway","role":"user"}"#).costs(&[by(Ada)])]),
    endpoint("POST /v1/users/{id}/tokens", &[call(DeskOnAnother(IssueToken), 201).body(TOKEN)
        .sample(r#"{"name":"Mailbox","scopes":["open_tickets","comment"]}"#).costs(&[by(Ada).on("%service")])]),
    endpoint("GET /v1/users/{id}/tokens", &[call(DeskOnUser(ManageTokensOfOthers), 200).costs(&[by(Ada)])]),
    endpoint("DELETE /v1/users/{id}/tokens/{token_id}", &[call(DeskOnUser(ManageTokensOfOthers), 204).costs(&[by(Ada)])]),
    endpoint("GET /v1/users", &[
        call(Desk(ListUsers), 200).costs(&[by(Ada)]),
        call(Desk(ListTechnicians), 200).variant("?role=technician"),
        call(Desk(SeeUser), 200).variant("?email=nobody@example.org"),
    ]).sample_query("role=technician&limit=25"),
    endpoint("POST /v1/users", &[call(Desk(InviteUser), 201).body(INVITED)
        .sample(r#"{"name":"Noah New","email":"noah@example.org","role":"technician","language":"pt-BR"}"#)
        .costs(&[by(Ada)])]),
    endpoint("POST /v1/users/{id}/invitation", &[call(DeskOnAnother(InviteUser), 202).costs(&[by(Ada)])]),
    endpoint("GET /v1/users/{id}", &[call(DeskOnUser(SeeUser), 200).costs(&[by(Ada)])]),
    endpoint("PATCH /v1/users/{id}", &[
        call(DeskOnUser(UpdateUser), 200).variant(" (name)").body(r#"{"name":"Bea C."}"#).costs(&[by(Ada)])
            .sample(r#"{"name":"Tina Turner","email":"tina@example.org"}"#),
        call(DeskOnAnother(UpdateUser), 200).variant(" (address)").body(r#"{"email":"%unique@example.org"}"#),
    ]),
    endpoint("PUT /v1/users/{id}/role", &[call(DeskOnAnother(ChangeRole), 200).body(r#"{"role":"technician"}"#).costs(&[by(Ada)])]),
    endpoint("DELETE /v1/users/{id}", &[call(DeskOnAnother(DeactivateUser), 204).costs(&[by(Ada)])]),
    endpoint("GET /v1/users/{id}/events", &[call(DeskOnUser(ReadAudit), 200).costs(&[by(Ada)])]),
    endpoint("POST /v1/tickets", &[
        call(Desk(OpenTicket), 201).body(TICKET).costs(&[
            by(Ana),
            by(Ana).note("with a key").header("idempotency-key", "%unique"),
            by(Ana).note("replayed with a key").header("idempotency-key", "%again"),
            by(Ana).note("urgent").body(URGENT),
        ]),
        call(Desk(OpenForAnother), 201).variant(" (for another)").body(FOR_ANOTHER),
        call(Desk(OpenForAnother), 201).variant(" (for an address)").body(FOR_ADDRESS)
            .costs(&[by(Tina).note("for an address")]),
    ]),
    endpoint("GET /v1/tickets", &[call(Desk(ListOwnTickets), 200).costs(&[
        by(Ana).note("their own").shows(25),
        by(Tina).note("all").shows(25),
        by(Tina).query("limit=100").note("all").shows(100),
        by(Tina).query("status=open").note("the queue").shows(25),
        by(Tina).query("assignee=me").note("an assignee").shows(25),
        by(Tina).query("category=printers").note("a category that most tickets have").shows(25),
        by(Tina).query("tag=none").note("a tag that no ticket has").shows(0),
    ])]).sample_query("status=open&limit=25"),
    endpoint("GET /v1/tickets/{number}", &[call(Ticket(SeeTicket), 200).costs(&[
        by(Ana),
        by(Ana).note("resolved").after(RESOLVED),
        by(Ana).status(304).note("not modified").header("if-none-match", "\"1\""),
    ])]),
    endpoint("PATCH /v1/tickets/{number}", &[
        call(Ticket(EditTexts), 200).variant(" (texts)").from(Status::Open).body(r#"{"title":"%title, again"}"#)
            .sample(r#"{"priority":"high","category":null}"#).costs(&[by(Ana).header("if-match", "\"1\"")]),
        call(Ticket(Classify), 200).variant(" (classes)").body(r#"{"priority":"low"}"#),
    ]),
    endpoint("POST /v1/tickets/{number}/assign", &[
        call(TakeTicket, 200).variant(" (take)").from(Status::Open).costs(&[by(Tina)]),
        command(Command::Give, Status::Open).variant(" (give)").body(TO_TECHNICIAN),
        command(Command::HandOver, Status::InProgress).variant(" (hand over)").body(TO_TECHNICIAN)
            .costs(&[by(Tina).note("hand over").after(ASSIGNED)]),
    ]),
    endpoint("POST /v1/tickets/{number}/release", &[command(Command::Release, Status::InProgress).body("{}")
        .sample(r#"{"reason":"I am away next week."}"#).costs(&[by(Tina).after(ASSIGNED)])]),
    endpoint("POST /v1/tickets/{number}/resolve", &[command(Command::Resolve, Status::InProgress)
        .body(r#"{"resolution":"%text"}"#).sample(r#"{"resolution":"Replaced the pick-up roller."}"#)
        .costs(&[by(Tina).after(ASSIGNED)])]),
    endpoint("POST /v1/tickets/{number}/reopen", &[command(Command::Reopen, Status::Resolved).body("{}")
        .sample(r#"{"reason":"It jams again."}"#).costs(&[by(Ana).after(RESOLVED)])]),
    endpoint("POST /v1/tickets/{number}/close", &[command(Command::Close, Status::Resolved).body("{}")
        .sample(r#"{"reason":"It prints, thank you."}"#).costs(&[by(Ana).after(RESOLVED)])]),
    endpoint("POST /v1/tickets/{number}/withdraw", &[command(Command::Withdraw, Status::Open).body("{}")
        .sample(r#"{"reason":"It was only out of paper."}"#).costs(&[by(Ana)])]),
    endpoint("POST /v1/tickets/{number}/comments", &[call(Ticket(Comment), 201).body(TEXT)
        .sample(r#"{"body":"Which tray do you print from?"}"#).costs(&[
        by(Ana).after(ASSIGNED),
        by(Ana).note("with a key").header("idempotency-key", "%unique").after(ASSIGNED),
        by(Ana).note("reopening").after(RESOLVED),
    ])]),
    endpoint("POST /v1/tickets/{number}/notes", &[call(Ticket(WriteNote), 201).body(TEXT)
        .sample(r#"{"body":"Third time this month: replace it?"}"#).costs(&[by(Tina).after(ASSIGNED)])]),
    endpoint("GET /v1/tickets/{number}/comments", &[call(Ticket(SeeTicket), 200).costs(&[by(Ana).on("%long").shows(25)])])
        .sample_query("limit=25"),
    endpoint("GET /v1/tickets/{number}/notes", &[call(Ticket(SeeNotes), 200).costs(&[by(Tina).on("%long").shows(1)])]),
    endpoint("GET /v1/tickets/{number}/events", &[call(Ticket(SeeTicket), 200).costs(&[by(Ana).on("%long").shows(2)])])
        .sample_query("limit=25"),
    endpoint("GET /v1/tickets/{number}/timeline", &[call(Ticket(SeeTicket), 200).costs(&[by(Tina).on("%long").shows(25)])])
        .sample_query("order=desc&limit=25"),
    endpoint("GET /v1/tickets/{number}/verify", &[call(Ticket(SeeTicket), 200).costs(&[by(Ana).on("%long").note("32 entries")])]),
    endpoint("GET /v1/notifications", &[call(Desk(UseInbox), 200).costs(&[
        by(Ana).shows(25),
        by(Tina).note("a technician's, with new tickets").shows(25),
    ])]).sample_query("unread=true"),
    endpoint("GET /v1/notifications/unread-count", &[call(Desk(UseInbox), 200).costs(&[by(Ana).note("99 and more unread")])]),
    endpoint("POST /v1/notifications/{id}/read", &[call(DeskOnOwn(UseInbox), 204).costs(&[
        by(Ana),
        by(Tina).on("%new_ticket").note("a new ticket"),
    ])]),
    endpoint("POST /v1/notifications/read-all", &[call(Desk(UseInbox), 204).costs(&[
        by(Ana).note("any number unread"),
        by(Ana).route(ALL_READ).status(200).note("all read before"),
    ])]),
    endpoint("GET /v1/me/notification-preferences", &[call(Desk(UseInbox), 200).costs(&[by(Ana)])]),
    endpoint("PUT /v1/me/notification-preferences", &[call(Desk(UseInbox), 200).body(r#"{"language":"pt-BR"}"#)
        .sample(r#"{"language":"pt-BR","email":{"updated":false}}"#)
        .costs(&[by(Ana).body(r#"{"email":{"opened":false}}"#)])]),
    endpoint("GET /v1/unsubscribe/{token}", &[call(Right::None, 200).costs(&[by(Anyone)])]),
    endpoint("POST /v1/unsubscribe/{token}", &[call(Right::None, 204).costs(&[by(Anyone)])]),
    endpoint("POST /v1/webhooks", &[call(Desk(ManageWebhooks), 201).body(WEBHOOK)
        .sample(r#"{"url":"https://example.org/hook","events":["resolved","closed"],"description":"For the board"}"#)
        .costs(&[by(Ada)])]),
    endpoint("GET /v1/webhooks", &[call(Desk(ManageWebhooks), 200).costs(&[by(Ada)])]),
    endpoint("GET /v1/webhooks/{id}", &[call(DeskOnWebhook(ManageWebhooks), 200).costs(&[by(Ada)])]),
    endpoint("PATCH /v1/webhooks/{id}", &[call(DeskOnWebhook(ManageWebhooks), 200).body(r#"{"description":"%unique"}"#)
        .sample(r#"{"enabled":true}"#).costs(&[by(Ada)])]),
    endpoint("POST /v1/webhooks/{id}/rotate-secret", &[call(DeskOnWebhook(ManageWebhooks), 200).costs(&[by(Ada)])]),
    endpoint("POST /v1/webhooks/{id}/ping", &[call(DeskOnWebhook(ManageWebhooks), 202).costs(&[by(Ada)])]),
    endpoint("GET /v1/webhooks/{id}/deliveries", &[call(DeskOnWebhook(ManageWebhooks), 200).costs(&[by(Ada)])]),
    endpoint("POST /v1/webhooks/{id}/deliveries/{delivery}/replay", &[call(DeskOnWebhook(ManageWebhooks), 202).costs(&[by(Ada)])]),
    endpoint("DELETE /v1/webhooks/{id}", &[call(DeskOnWebhook(ManageWebhooks), 204).costs(&[by(Ada)])]),
    endpoint("GET /v1/audit", &[call(Desk(ReadAudit), 200).costs(&[by(Ada).shows(25)])]).sample_query("limit=25"),
];
