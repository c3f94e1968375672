//! The cells of the table: the caller, their relation to the resource, and the call itself.

use aws_sdk_sqs::types::QueueAttributeName;
use domain::lifecycle::Status;
use domain::permission::{DeskAction, PermittedBy, Scope};
use domain::user::Role;
use endpoints::expected::{Caller, Relation};
use endpoints::row::{Right, Row};
use endpoints::table::rows;
use http::Method;
use serde_json::{Value, json};

use crate::support::{self, Desk, Forged, PASSWORD, Response, eventually, unique};

/// The queues of the template.
const QUEUES: [&str; 9] = [
    "EventsQueue",
    "EventsDeadLetters",
    "AccountsQueue",
    "AccountsDeadLetters",
    "EmailQueue",
    "EmailDeadLetters",
    "WebhooksQueue",
    "WebhooksDeadLetters",
    "RelayDeadLetters",
];

/// Returns whether a forged token is not enough for an admin. Accounts and webhooks can only be
/// changed by an account that is an admin at that moment, and the subject's own account is a
/// technician's, so an admin may give them a ticket.
fn needs_real_admin(row: &Row) -> bool {
    row.is_admin_change() || row.call.right == Right::TakeTicket
}

/// One call.
pub(super) struct Cell {
    row: Row,
    caller: Caller,
    relation: Relation,
    expected: u16,
    path: String,
}

impl Cell {
    /// Returns whether the route is public.
    pub(super) fn is_public(&self) -> bool {
        self.row.call.right == Right::None
    }

    /// Returns whether the caller has an API token.
    pub(super) fn has_api_token(&self) -> bool {
        self.caller == Caller::ApiToken
    }

    pub(super) const fn is_denied(&self) -> bool {
        self.expected >= 400
    }

    pub(super) fn name(&self) -> String {
        self.row.name()
    }

    /// Returns whether this is an admin's permitted call on a resource of another person.
    pub(super) fn is_permitted_to_admin(&self) -> bool {
        let on_others = matches!(self.relation, Relation::Others | Relation::Unrelated);
        on_others && self.caller == Caller::SignedIn(Role::Admin) && !self.is_denied()
    }

    fn method(&self) -> Method {
        self.row.endpoint.method().parse().unwrap()
    }

    /// Returns what is wrong with the response, if anything.
    pub(super) fn fault(&self, response: &Response) -> Option<String> {
        let Self { row, caller, relation, expected, .. } = self;
        let status = response.status.as_u16();
        let who = caller.name();
        (status != *expected).then(|| {
            format!("{} ({}) by {who}: {status}, not {expected}: {}", row.name(), relation.name(), response.body)
        })
    }
}

/// The desk and its people. All callers are one account, the subject, with tokens for different
/// roles.
pub(super) struct Scene {
    desk: Desk,
    admin: support::Caller,
    subject: support::Caller,
    other: support::Caller,
    technician: support::Caller,
    own_notification: String,
    others_notification: String,
    tokens: Vec<Program>,
}

/// A caller with an API token.
struct Program {
    role: Role,
    scopes: Vec<Scope>,
    caller: support::Caller,
}

/// Makes API tokens of this person: one with each scope alone, and one with all scopes except those
/// of each call.
async fn programs_of(person: &support::Caller, role: Role) -> Vec<Program> {
    let mut sets: Vec<Vec<Scope>> = Scope::ALL.map(|scope| vec![scope]).to_vec();
    for needed in rows().filter_map(|row| row.permitted_by()) {
        let others = all_but(needed);
        if !sets.contains(&others) {
            sets.push(others);
        }
    }
    let mut programs = Vec::new();
    for scopes in sets {
        let names: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let body = json!({"name": "Program", "scopes": names});
        let made = person.post("/v1/me/tokens", body).await.expect(201).body;
        let caller = person.with_token(made["token"].as_str().unwrap());
        programs.push(Program { role, scopes, caller });
    }
    programs
}

/// Returns every scope that does not permit a call.
fn all_but(needed: PermittedBy) -> Vec<Scope> {
    let permits = |scope: &Scope| matches!(needed, PermittedBy::OneOf(scopes) if scopes.contains(scope));
    Scope::ALL.into_iter().filter(|scope| !permits(scope)).collect()
}

impl Scene {
    pub(super) async fn open() -> Self {
        let desk = Desk::open().await;
        let admin = desk.admin().await;
        let subject = desk.technician(&admin, "Subject").await;
        let technician = desk.technician(&admin, "Technician").await;
        let other = desk.user("Other").await;
        let [own_notification, others_notification] =
            [notification_for(&desk, &technician, &subject).await, notification_for(&desk, &technician, &other).await];
        let mut tokens = programs_of(&subject, Role::Technician).await;
        tokens.extend(programs_of(&admin, Role::Admin).await);
        let scene = Self { desk, admin, subject, other, technician, own_notification, others_notification, tokens };
        // From here on only calls change what is stored and queued. A message in flight would
        // become visible again.
        scene.desk.wait_until_idle().await;
        for worker in ["workers-relay", "workers-notify", "workers-accounts", "workers-email", "workers-webhooks"] {
            scene.desk.stack.instances().unwrap().hold(worker).await.unwrap();
        }
        scene
    }

    pub(super) fn close(self) {
        self.desk.assert_no_process_died();
    }

    /// Returns all cells of a row, each with a resource of its own in its path.
    pub(super) async fn cells_of(&self, row: Row) -> Vec<Cell> {
        let mut cells = Vec::new();
        for relation in row.relations().iter().copied() {
            for caller in Caller::ALL {
                let Some(expected) = row.expected(caller, relation) else {
                    continue;
                };
                let path =
                    self.path(&row, caller, relation).await + row.call.variant.split(' ').next().unwrap_or_default();
                cells.push(Cell { row, caller, relation, expected, path });
            }
        }
        cells
    }

    async fn path(&self, row: &Row, caller: Caller, relation: Relation) -> String {
        const UNKNOWN_ID: &str = "019ab8e0-0000-7000-8000-000000000000";
        let pattern = row.endpoint.path();
        let named = match (pattern, relation) {
            (path, _) if !path.contains('{') => return path.to_owned(),
            (path, _) if path.contains("{asset}") => "page.js".to_owned(),
            (path, _) if path.contains("{file}") => "icon.svg".to_owned(),
            (path, _) if path.contains("{page}") => "tickets".to_owned(),
            (path, Relation::Missing) if path.contains("{number}") => "999999".to_owned(),
            (path, _) if path.contains("{number}") => self.ticket(row.call.from, relation).await.to_string(),
            (path, _) if path.contains("{token}") => format!("{UNKNOWN_ID}.0123456789abcdef0123456789abcdef"),
            (_, Relation::Missing) => UNKNOWN_ID.to_owned(),
            (path, Relation::Own) if path.contains("/tokens/") => {
                return token_of(self.owner(row, caller), path).await;
            }
            (path, _) if path.contains("/me/tokens/") => return token_of(&self.other, path).await,
            (path, _) if path.contains("/tokens/") => return token_of(&self.desk.user("Victim").await, path).await,
            (_, Relation::Others) if row.call.right == Right::DeskOnAnother(DeskAction::IssueToken) => {
                self.service_account().await
            }
            (path, _) if path.contains("/webhooks/") => return self.webhook(path).await,
            (path, Relation::Own) if path.contains("/sessions/") => self.session(&self.subject).await,
            (path, _) if path.contains("/sessions/") => self.session(&self.other).await,
            (path, Relation::Own) if path.contains("/notifications/") => self.own_notification.clone(),
            (path, _) if path.contains("/notifications/") => self.others_notification.clone(),
            (_, Relation::Own) => self.owner(row, caller).id.clone(),
            (path, _) if path.ends_with("/invitation") => self.invited().await,
            (_, _) => self.desk.user("Victim").await.id,
        };
        let path = pattern.replace("{number}", &named).replace("{id}", &named).replace("{delivery}", &named);
        let path = path.replace("{token}", &named).replace("{token_id}", &named).replace("{asset}", &named);
        path.replace("{file}", &named).replace("{page}", &named).replace("{item}", &named)
    }

    /// Returns the account that this caller is.
    fn owner(&self, row: &Row, caller: Caller) -> &support::Caller {
        let is_admins = match caller {
            Caller::SignedIn(Role::Admin) => needs_real_admin(row),
            Caller::ApiToken => row.token_role() == Role::Admin,
            Caller::Anonymous | Caller::SignedIn(_) => false,
        };
        if is_admins { &self.admin } else { &self.subject }
    }

    /// Invites a person and returns the id of their account.
    async fn invited(&self) -> String {
        let body = json!({"name": "Noah", "email": format!("noah-{}@example.org", unique()), "role": "user"});
        self.admin.post("/v1/users", body).await.expect(201).body["id"].as_str().unwrap().to_owned()
    }

    /// Opens a ticket in this status with this relation to the subject.
    async fn ticket(&self, status: Status, relation: Relation) -> u64 {
        let requester = if relation == Relation::Own { &self.subject } else { &self.other };
        let assignee = if relation == Relation::Assigned { &self.subject } else { &self.technician };
        let number = self.desk.ticket(requester).await;
        let path = format!("/v1/tickets/{number}");
        if status != Status::Open {
            assignee.post_empty(&format!("{path}/assign")).await.expect(200);
        }
        if status == Status::Resolved {
            assignee.post(&format!("{path}/resolve"), json!({"resolution": "Done."})).await.expect(200);
        }
        number
    }

    /// Returns the path with the ids of a new webhook and of a delivery to it, which exists.
    async fn webhook(&self, path: &str) -> String {
        let body = json!({"url": format!("https://example.org/{}", unique())});
        let webhook = self.admin.post("/v1/webhooks", body).await.expect(201).body["id"].as_str().unwrap().to_owned();
        let delivery = self.admin.post_empty(&format!("/v1/webhooks/{webhook}/ping")).await.expect(202);
        path.replace("{id}", &webhook).replace("{delivery}", delivery.body["id"].as_str().unwrap())
    }

    /// Creates a service account and returns its id.
    async fn service_account(&self) -> String {
        let body = json!({"name": "Program", "role": "user"});
        let account = self.admin.post("/v1/service-accounts", body).await.expect(201);
        account.body["id"].as_str().unwrap().to_owned()
    }

    /// Signs a person in once more and returns the id of that session.
    async fn session(&self, person: &support::Caller) -> String {
        let signed_in = self.desk.signed_in(person.clone()).await;
        let sessions = signed_in.all_pages("/v1/me/sessions", 100).await;
        sessions.last().unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// Makes the call with another body.
    pub(super) async fn send(&self, cell: &Cell, body: &Value) -> Response {
        send(&self.caller(cell), cell, body).await
    }

    pub(super) async fn get(&self, path: &str) -> Response {
        self.admin.get(path).await
    }

    pub(super) async fn get_with_token(&self, path: &str, token: &str) -> Response {
        self.subject.with_token(token).get(path).await
    }

    /// Registers a user whose passwords contain `canary`, signs in, refreshes, resets the password
    /// and changes it. Returns the values that must be kept secret.
    pub(super) async fn live_secrets(&self, canary: &str) -> Vec<String> {
        let instances = self.desk.stack.instances().unwrap();
        for worker in ["workers-relay", "workers-accounts"] {
            instances.resume(worker).await.unwrap();
        }
        let anyone = self.desk.anyone();
        let email = format!("{canary}-{}@example.org", unique());
        let [first, second, third] = ["one", "two", "three"].map(|number| format!("{canary} password {number}"));
        self.desk.sign_up(canary, &email, &first).await;
        let sign_in = async |password: &str| {
            let body = json!({"email": email, "password": password});
            anyone.post("/v1/auth/login", body).await.expect(200).body
        };
        let mut tokens = vec![sign_in(&first).await];
        let refresh = json!({"refresh_token": tokens[0]["refresh_token"]});
        tokens.push(anyone.post("/v1/auth/refresh", refresh.clone()).await.expect(200).body);
        self.desk.let_overlaps_end().await;
        anyone.post("/v1/auth/refresh", refresh).await.expect(401);
        anyone.post("/v1/auth/password/forgot", json!({"email": email})).await.expect(202);
        let token = self.desk.mailed_tokens(&email, 2).await.remove(1);
        instances.hold("workers-accounts").await.unwrap();
        let reset = json!({"token": token, "password": second});
        anyone.post("/v1/auth/password/reset", reset.clone()).await.expect(204);
        anyone.post("/v1/auth/password/reset", reset).await.expect(401);
        tokens.push(sign_in(&second).await);
        let caller = anyone.with_token(tokens[2]["access_token"].as_str().unwrap());
        let new = json!({"name": "Program", "scopes": ["inbox"]});
        let made = caller.post("/v1/me/tokens", new).await.expect(201).body;
        let api_token = made["token"].as_str().unwrap().to_owned();
        anyone.with_token(&api_token).get("/v1/me").await.expect(200);
        anyone.with_token(&api_token).get("/v1/tickets").await.expect(403);
        let change = json!({"current_password": second, "new_password": third});
        caller.post("/v1/me/password", change).await.expect(204);
        let of_tokens = tokens.iter().flat_map(|tokens| ["access_token", "refresh_token"].map(|name| &tokens[name]));
        let of_tokens = of_tokens.map(|token| token.as_str().unwrap().to_owned());
        let registration = self.desk.tokens_mailed_to(&email).remove(0);
        [canary.to_owned(), registration, token, api_token].into_iter().chain(of_tokens).collect()
    }

    /// Returns everything that the functions printed.
    pub(super) fn printed(&self) -> Vec<String> {
        let functions = api::ROUTES.iter().map(|route| route.function);
        let workers = ["workers-relay", "workers-notify", "workers-accounts", "users-create-admin", "cargo-lambda"];
        functions.chain(workers).flat_map(|function| self.desk.stack.printed_by(function)).collect()
    }

    /// Receives and deletes the messages that wait in the queues.
    pub(super) async fn take_queued(&self) -> Vec<String> {
        let sqs = self.desk.sqs();
        let mut bodies = Vec::new();
        for url in QUEUES.map(|queue| self.desk.stack.queue_url(queue).unwrap()) {
            loop {
                let request = sqs.receive_message().queue_url(url).max_number_of_messages(10).wait_time_seconds(0);
                let received = request.send().await.unwrap().messages.unwrap_or_default();
                if received.is_empty() {
                    break;
                }
                for message in received {
                    bodies.push(format!("{:?} {:?}", message.body, message.attributes));
                    let handle = message.receipt_handle.unwrap();
                    sqs.delete_message().queue_url(url).receipt_handle(handle).send().await.unwrap();
                }
            }
        }
        bodies
    }

    fn caller(&self, cell: &Cell) -> support::Caller {
        match cell.caller {
            Caller::Anonymous => self.desk.anyone(),
            Caller::SignedIn(Role::Admin) if needs_real_admin(&cell.row) => self.admin.clone(),
            Caller::SignedIn(role) => self.as_role(role),
            Caller::ApiToken => self.program(&cell.row, |needed| match needed {
                PermittedBy::OneOf([scope, ..]) => vec![*scope],
                PermittedBy::Any | PermittedBy::OneOf([]) => vec![Scope::Inbox],
            }),
        }
    }

    /// Returns the caller with the API token that has these of the scopes that permit the row.
    fn program(&self, row: &Row, scopes: fn(PermittedBy) -> Vec<Scope>) -> support::Caller {
        let scopes = row.permitted_by().map_or_else(|| vec![Scope::Inbox], scopes);
        let is_it = |program: &&Program| program.role == row.token_role() && program.scopes == scopes;
        self.tokens.iter().find(is_it).unwrap().caller.clone()
    }

    /// Makes the call with an API token that has every scope except those that permit it. Returns
    /// `None` if every token permits it, or if it is public.
    pub(super) async fn call_out_of_scope(&self, cell: &Cell) -> Option<Response> {
        let needed = cell.row.permitted_by().filter(|needed| *needed != PermittedBy::Any)?;
        assert!(!all_but(needed).is_empty());
        Some(self.call_as(&self.program(&cell.row, all_but), cell).await)
    }

    pub(super) async fn call(&self, cell: &Cell) -> Response {
        self.call_as(&self.caller(cell), cell).await
    }

    /// Makes the call as another caller.
    pub(super) async fn call_as(&self, caller: &support::Caller, cell: &Cell) -> Response {
        match cell.row.call.body {
            "" => caller.send(cell.method(), &cell.path, &[], Vec::new()).await,
            body => send(caller, cell, &self.filled_in(body)).await,
        }
    }

    /// Returns two callers with admin tokens: one has been deactivated since, the other has been
    /// demoted to user.
    pub(super) async fn former_admins(&self) -> [support::Caller; 2] {
        let [deactivated, demoted] = [self.desk.admin().await, self.desk.admin().await];
        let path = |caller: &support::Caller| format!("/v1/users/{}", caller.id);
        self.admin.send(Method::DELETE, &path(&deactivated), &[], Vec::new()).await.expect(204);
        self.admin.put(&format!("{}/role", path(&demoted)), json!({"role": "user"})).await.expect(200);
        [deactivated, demoted]
    }

    /// Returns how the response to HEAD differs from that to GET, apart from the body, if it does.
    pub(super) async fn head_fault(&self, cell: &Cell, got: &Response) -> Option<String> {
        if cell.method() != Method::GET {
            return None;
        }
        let head = self.caller(cell).send(Method::HEAD, &cell.path, &[], Vec::new()).await;
        let shown = |response: &Response| {
            let shown = response.headers.iter().filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()));
            let mut shown: Vec<String> = shown.map(|(name, value)| format!("{name}: {value:?}")).collect();
            shown.sort_unstable();
            (response.status, shown)
        };
        // Request ids have a constant length, and therefore so do problem documents.
        let alike = shown(&head) == shown(got) && head.body.is_null();
        (!alike).then(|| format!("HEAD {}: {:?} {} is not {:?}", cell.path, shown(&head), head.body, shown(got)))
    }

    /// Returns the subject with a token that claims this role.
    fn as_role(&self, role: Role) -> support::Caller {
        let token = self.subject.access_token.clone().unwrap();
        let forged = Forged::like(&token).with_claim("role", role.as_str());
        self.subject.with_token(forged.signed_with(self.desk.stack.signing_key()))
    }

    /// Returns the body of a row with its placeholders filled in.
    pub(super) fn filled_in(&self, body: &str) -> Value {
        let body = body
            .replace("%title", "T")
            .replace("%text", "D")
            .replace("%email", &self.subject.email)
            .replace("%password", PASSWORD)
            .replace("%refresh", "x")
            .replace("%token", "x")
            .replace("%technician", &self.technician.id)
            .replace("%other", &self.other.id)
            .replace("%unique", &format!("new-{}", unique()));
        serde_json::from_str(&body).unwrap()
    }

    /// Returns everything stored, and the number of messages in each queue.
    pub(super) async fn everything(&self) -> Vec<String> {
        let mut everything = self.desk.stored_with_notifications().await;
        let sqs = self.desk.sqs();
        for queue in QUEUES {
            let request = sqs.get_queue_attributes().queue_url(self.desk.stack.queue_url(queue).unwrap());
            let response = request.attribute_names(QueueAttributeName::All).send().await.unwrap();
            let attributes = response.attributes.unwrap();
            for count in [
                QueueAttributeName::ApproximateNumberOfMessages,
                QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
                QueueAttributeName::ApproximateNumberOfMessagesDelayed,
            ] {
                everything.push(format!("{queue} {count}: {}", attributes[&count]));
            }
        }
        everything
    }
}

/// Makes an API token of this person, and returns the path that names it.
async fn token_of(person: &support::Caller, pattern: &str) -> String {
    let body = json!({"name": "Program", "scopes": ["inbox"]});
    let made = person.post("/v1/me/tokens", body).await.expect(201).body;
    let id = made["id"].as_str().unwrap();
    if pattern.contains("{token_id}") {
        return pattern.replace("{id}", &person.id).replace("{token_id}", id);
    }
    pattern.replace("{id}", id)
}

async fn send(caller: &support::Caller, cell: &Cell, body: &Value) -> Response {
    // A PATCH of a ticket needs a version.
    let mut headers = vec![("content-type", "application/json")];
    if cell.method() == Method::PATCH && cell.path.starts_with("/v1/tickets/") {
        headers.push(("if-match", "*"));
    }
    caller.send(cell.method(), &cell.path, &headers, body.to_string().into_bytes()).await
}

/// Causes a notification for this person and returns its id.
async fn notification_for(desk: &Desk, technician: &support::Caller, person: &support::Caller) -> String {
    let number = desk.ticket(person).await;
    technician.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    let notification = eventually("the person is notified", async || {
        let page = person.get("/v1/notifications").await.expect(200);
        page.items().iter().find(|item| item["reason"] != "new_ticket").cloned()
    })
    .await;
    notification["id"].as_str().unwrap().to_owned()
}
