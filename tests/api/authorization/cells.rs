//! The cells of the table: who calls, what it is to them, and the call itself.

use aws_sdk_sqs::types::QueueAttributeName;
use domain::lifecycle::Status;
use domain::user::Role;
use endpoints::expected::{Caller, Relation};
use endpoints::row::{Right, Row};
use http::Method;
use serde_json::{Value, json};

use crate::support::{self, Answer, Desk, Forged, PASSWORD, eventually, unique};

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

/// Whether a token that says so is not enough: accounts and webhooks are changed by who is an admin at that very moment, and the subject's
/// own is a technician's, to whom an admin may give a ticket.
fn needs_real_admin(row: &Row) -> bool {
    row.is_a_change_by_an_admin() || row.call.right == Right::TakeTicket
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
    /// Whether everybody may call it.
    pub(super) fn is_public(&self) -> bool {
        self.row.call.right == Right::None
    }

    pub(super) const fn is_denied(&self) -> bool {
        self.expected >= 400
    }

    pub(super) fn name(&self) -> String {
        self.row.name()
    }

    /// Whether an admin may call it, on what is somebody else's.
    pub(super) fn is_an_admins(&self) -> bool {
        let on_others = matches!(self.relation, Relation::Others | Relation::Unrelated);
        on_others && self.caller == Caller(Some(Role::Admin)) && !self.is_denied()
    }

    fn method(&self) -> Method {
        self.row.endpoint.method().parse().unwrap()
    }

    /// What is wrong with the answer, if anything.
    pub(super) fn fault(&self, answer: &Answer) -> Option<String> {
        let Self { row, caller, relation, expected, .. } = self;
        let status = answer.status.as_u16();
        let who = caller.0.map_or("nobody", Role::as_str);
        (status != *expected).then(|| {
            format!("{} ({}) by {who}: {status}, not {expected}: {}", row.name(), relation.name(), answer.body)
        })
    }
}

/// The desk and everybody in it. All callers are one account, the subject, with tokens that say different roles.
pub(super) struct Scene {
    desk: Desk,
    admin: support::Caller,
    subject: support::Caller,
    other: support::Caller,
    technician: support::Caller,
    own_notification: String,
    others_notification: String,
}

impl Scene {
    pub(super) async fn open() -> Self {
        let desk = Desk::open().await;
        let admin = desk.admin().await;
        let subject = desk.technician(&admin, "Subject").await;
        let technician = desk.technician(&admin, "Technician").await;
        let other = desk.user("Other").await;
        let [own_notification, others_notification] =
            [told_something(&desk, &technician, &subject).await, told_something(&desk, &technician, &other).await];
        let scene = Self { desk, admin, subject, other, technician, own_notification, others_notification };
        // From here on nothing moves by itself: what is stored and queued changes by calls alone.
        for worker in ["workers-relay", "workers-notify", "workers-accounts", "workers-email", "workers-webhooks"] {
            scene.desk.stack.instances().unwrap().hold(worker).await.unwrap();
        }
        scene
    }

    pub(super) fn close(self) {
        self.desk.assert_no_process_died();
    }

    /// All cells of a row, each with a thing of its own that its path names.
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
        const NOBODY: &str = "019ab8e0-0000-7000-8000-000000000000";
        let pattern = row.endpoint.path();
        let named = match (pattern, relation) {
            (path, _) if !path.contains('{') => return path.to_owned(),
            (path, Relation::Missing) if path.contains("{number}") => "999999".to_owned(),
            (path, _) if path.contains("{number}") => self.ticket(row.call.from, relation).await.to_string(),
            (path, _) if path.contains("{token}") => format!("{NOBODY}.0123456789abcdef0123456789abcdef"),
            (_, Relation::Missing) => NOBODY.to_owned(),
            (path, _) if path.contains("/webhooks/") => return self.webhook(path).await,
            (path, Relation::Own) if path.contains("/sessions/") => self.session(&self.subject).await,
            (path, _) if path.contains("/sessions/") => self.session(&self.other).await,
            (path, Relation::Own) if path.contains("/notifications/") => self.own_notification.clone(),
            (path, _) if path.contains("/notifications/") => self.others_notification.clone(),
            (_, Relation::Own) if caller == Caller(Some(Role::Admin)) && needs_real_admin(row) => self.admin.id.clone(),
            (_, Relation::Own) => self.subject.id.clone(),
            (_, _) => self.desk.user("Victim").await.id,
        };
        let path = pattern.replace("{number}", &named).replace("{id}", &named).replace("{delivery}", &named);
        path.replace("{token}", &named)
    }

    /// A new ticket that stands there and is that to the subject.
    async fn ticket(&self, status: Status, relation: Relation) -> u64 {
        let requester = if relation == Relation::Own { &self.subject } else { &self.other };
        let assignee = if relation == Relation::Assigned { &self.subject } else { &self.technician };
        let number = self.desk.ticket(requester).await;
        let path = format!("/v1/tickets/{number}");
        if status != Status::Open {
            assignee.post_nothing(&format!("{path}/assign")).await.expect(200);
        }
        if status == Status::Resolved {
            assignee.post(&format!("{path}/resolve"), json!({"resolution": "Done."})).await.expect(200);
        }
        number
    }

    /// The path with a new webhook in it, and a delivery to that.
    async fn webhook(&self, path: &str) -> String {
        let body = json!({"url": format!("https://example.org/{}", unique())});
        let webhook = self.admin.post("/v1/webhooks", body).await.expect(201).body["id"].as_str().unwrap().to_owned();
        let path = path.replace("{id}", &webhook);
        if !path.contains("{delivery}") {
            return path;
        }
        let delivery = self.admin.post_nothing(&format!("/v1/webhooks/{webhook}/ping")).await.expect(202);
        path.replace("{delivery}", delivery.body["id"].as_str().unwrap())
    }

    /// The newest session of somebody who just signed in once more.
    async fn session(&self, person: &support::Caller) -> String {
        let signed_in = self.desk.signed_in(person.clone()).await;
        let sessions = signed_in.all_pages("/v1/me/sessions", 100).await;
        sessions.last().unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// The call with another body.
    pub(super) async fn send(&self, cell: &Cell, body: &Value) -> Answer {
        send(&self.caller(cell), cell, body).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.admin.get(path).await
    }

    pub(super) async fn get_with_token(&self, path: &str, token: &str) -> Answer {
        self.subject.with_token(token).get(path).await
    }

    /// Somebody registers with a password of `canary`, signs in, refreshes, forgets the password, resets it to another one of it
    /// and changes that. What of it must be kept secret.
    pub(super) async fn live_secrets(&self, canary: &str) -> Vec<String> {
        let instances = self.desk.stack.instances().unwrap();
        for worker in ["workers-relay", "workers-accounts"] {
            instances.resume(worker).await.unwrap();
        }
        let anyone = self.desk.anyone();
        let email = format!("{canary}-{}@example.org", unique());
        let [first, second, third] = ["one", "two", "three"].map(|number| format!("{canary} password {number}"));
        let account = json!({"name": canary, "email": email, "password": first});
        anyone.post("/v1/auth/register", account).await.expect(201);
        let sign_in = async |password: &str| {
            let body = json!({"email": email, "password": password});
            anyone.post("/v1/auth/login", body).await.expect(200).body
        };
        let mut tokens = vec![sign_in(&first).await];
        let refresh = json!({"refresh_token": tokens[0]["refresh_token"]});
        tokens.push(anyone.post("/v1/auth/refresh", refresh.clone()).await.expect(200).body);
        anyone.post("/v1/auth/refresh", refresh).await.expect(401);
        anyone.post("/v1/auth/password/forgot", json!({"email": email})).await.expect(202);
        let token = self.desk.mailed_tokens(&email, 1).await.remove(0);
        instances.hold("workers-accounts").await.unwrap();
        let reset = json!({"token": token, "password": second});
        anyone.post("/v1/auth/password/reset", reset.clone()).await.expect(204);
        anyone.post("/v1/auth/password/reset", reset).await.expect(401);
        tokens.push(sign_in(&second).await);
        let caller = anyone.with_token(tokens[2]["access_token"].as_str().unwrap());
        let change = json!({"current_password": second, "new_password": third});
        caller.post("/v1/me/password", change).await.expect(204);
        let of_tokens = tokens.iter().flat_map(|tokens| ["access_token", "refresh_token"].map(|name| &tokens[name]));
        let of_tokens = of_tokens.map(|token| token.as_str().unwrap().to_owned());
        [canary.to_owned(), token].into_iter().chain(of_tokens).collect()
    }

    /// What all functions printed.
    pub(super) fn printed(&self) -> Vec<String> {
        let functions = api::ROUTES.iter().map(|route| route.function);
        let workers = ["workers-relay", "workers-notify", "workers-accounts", "users-create-admin", "cargo-lambda"];
        functions.chain(workers).flat_map(|function| self.desk.stack.printed_by(function)).collect()
    }

    /// Takes the messages that wait in the queues.
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
        match cell.caller.0 {
            None => self.desk.anyone(),
            Some(Role::Admin) if needs_real_admin(&cell.row) => self.admin.clone(),
            Some(role) => self.as_role(role),
        }
    }

    pub(super) async fn call(&self, cell: &Cell) -> Answer {
        self.call_as(&self.caller(cell), cell).await
    }

    /// The call by somebody else.
    pub(super) async fn call_as(&self, caller: &support::Caller, cell: &Cell) -> Answer {
        match cell.row.call.body {
            "" => caller.send(cell.method(), &cell.path, &[], Vec::new()).await,
            body => send(caller, cell, &self.filled_in(body)).await,
        }
    }

    /// Two who were admins when their tokens were given out: one was deactivated since, the other is a user now.
    pub(super) async fn former_admins(&self) -> [support::Caller; 2] {
        let [deactivated, demoted] = [self.desk.admin().await, self.desk.admin().await];
        let path = |caller: &support::Caller| format!("/v1/users/{}", caller.id);
        self.admin.send(Method::DELETE, &path(&deactivated), &[], Vec::new()).await.expect(204);
        self.admin.put(&format!("{}/role", path(&demoted)), json!({"role": "user"})).await.expect(200);
        [deactivated, demoted]
    }

    /// What tells the answer to a HEAD from the one that a GET just got, its body aside.
    pub(super) async fn head_fault(&self, cell: &Cell, got: &Answer) -> Option<String> {
        if cell.method() != Method::GET {
            return None;
        }
        let head = self.caller(cell).send(Method::HEAD, &cell.path, &[], Vec::new()).await;
        let told = |answer: &Answer| {
            let told = answer.headers.iter().filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()));
            let mut told: Vec<String> = told.map(|(name, value)| format!("{name}: {value:?}")).collect();
            told.sort_unstable();
            (answer.status, told)
        };
        // Ids of requests have one length, so a problem's document has too.
        let alike = told(&head) == told(got) && head.body.is_null();
        (!alike).then(|| format!("HEAD {}: {:?} {} is not {:?}", cell.path, told(&head), head.body, told(got)))
    }

    /// The subject with a token that says that role.
    fn as_role(&self, role: Role) -> support::Caller {
        let token = self.subject.access_token.clone().unwrap();
        let forged = Forged::like(&token).with_claim("role", role.as_str());
        self.subject.with_token(forged.signed_with(self.desk.stack.signing_key()))
    }

    /// A row's body with what stands for people and for what is new.
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

    /// Everything stored and how much is queued.
    pub(super) async fn everything(&self) -> Vec<String> {
        let mut everything = self.desk.stored_and_told().await;
        let sqs = self.desk.sqs();
        for queue in QUEUES {
            let request = sqs.get_queue_attributes().queue_url(self.desk.stack.queue_url(queue).unwrap());
            let answer = request.attribute_names(QueueAttributeName::All).send().await.unwrap();
            let attributes = answer.attributes.unwrap();
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

async fn send(caller: &support::Caller, cell: &Cell, body: &Value) -> Answer {
    // A PATCH of a ticket must say which version it means.
    let mut headers = vec![("content-type", "application/json")];
    if cell.method() == Method::PATCH && cell.path.starts_with("/v1/tickets/") {
        headers.push(("if-match", "*"));
    }
    caller.send(cell.method(), &cell.path, &headers, body.to_string().into_bytes()).await
}

/// Something that person is told of, as its id.
async fn told_something(desk: &Desk, technician: &support::Caller, person: &support::Caller) -> String {
    let number = desk.ticket(person).await;
    technician.post_nothing(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    let told = eventually("somebody is told", async || {
        let told = person.get("/v1/notifications").await.expect(200);
        told.items().iter().find(|told| told["reason"] != "new_ticket").cloned()
    })
    .await;
    told["id"].as_str().unwrap().to_owned()
}
