//! The measured invocations, and the desk that they are made at.

use std::path::Path;

use domain::event::TicketEvent;
use domain::id::SessionId;
use domain::permission::Actor;
use domain::text::CommentBody;
use domain::ticket::Ticket;
use domain::user::{Role, User};
use edges::auth::TokenIssuer;
use edges::clock;
use local::{FunctionsMode, Stack, StackOptions};
use serde_json::{Value, json};

use crate::{content, store};

/// The number of tickets at the desk.
const TICKETS: usize = 100;
const ISSUER: &str = "helpdesk";
const AUDIENCE: &str = "helpdesk-api";

/// One function and its events.
pub(crate) struct Case {
    pub(crate) function: &'static str,
    /// Returns the next event.
    pub(crate) event: fn(&mut Desk) -> String,
    /// Returns whether the response means success.
    pub(crate) succeeded: fn(&str) -> bool,
}

/// A technician reads and comments, and a user opens tickets. The relay gets one record of a new
/// ticket. The notifier gets one event of a comment, for which it writes to the inbox of the
/// requester and requests a mail.
pub(crate) const CASES: &[Case] = &[
    Case { function: "tickets-get", event: get, succeeded: |answer| has_status(answer, 200) },
    Case { function: "tickets-list", event: list, succeeded: |answer| has_status(answer, 200) },
    Case { function: "tickets-create", event: create, succeeded: |answer| has_status(answer, 201) },
    Case { function: "comments-create", event: comment, succeeded: |answer| has_status(answer, 201) },
    Case { function: "workers-relay", event: relay, succeeded: has_no_failure },
    Case { function: "workers-notify", event: notify, succeeded: has_no_failure },
];

/// A desk with accounts and tickets.
pub(crate) struct Desk {
    stack: Stack,
    variables: Vec<(String, String)>,
    tickets: Vec<Ticket>,
    users: [User; 2],
    issuer: TokenIssuer,
    events: usize,
}

impl Desk {
    /// Starts a local stack that runs no function, with [`TICKETS`] tickets of a user, taken by a
    /// technician.
    pub(crate) async fn open() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
        let mut options = StackOptions::for_tests(root, "", 1);
        if let FunctionsMode::Binaries { only, .. } = &mut options.functions {
            *only = Some(Vec::new());
        }
        let stack = Stack::start(options).await.unwrap();
        let store = store::of(&stack);
        let ana = content::account(&store, "Ana", Role::User).await;
        let tina = content::account(&store, "Tina", Role::Technician).await;
        let mut tickets = Vec::new();
        for number in (1..).take(TICKETS) {
            store.next_ticket_number().await.unwrap();
            tickets.push(content::taken(&store, number, new_ticket(), &ana.person(), &tina.person()).await);
        }
        let issuer = TokenIssuer::new(ISSUER.to_owned(), AUDIENCE.to_owned(), &stack.signing_key().pem).unwrap();
        Self { variables: variables(&stack), stack, tickets, users: [ana, tina], issuer, events: 0 }
    }

    /// Returns the environment of every function.
    pub(crate) fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    pub(crate) async fn close(self) {
        self.stack.stop().await;
    }

    /// Returns the next ticket, in turns.
    fn next_ticket(&mut self) -> &Ticket {
        self.events += 1;
        &self.tickets[self.events % TICKETS]
    }

    /// Returns a request as API Gateway passes it on (the samples in `events/`).
    fn request(&self, user: &User, method: &str, path: &str, query: &str, body: Option<&Value>) -> String {
        let now = clock::now();
        let token = self.issuer.issue(user, SessionId::new(now, clock::id_bytes()), now).unwrap();
        let host = "abcdefghij.execute-api.eu-central-1.amazonaws.com";
        json!({
            "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
            "pathParameters": path.split('/').nth(3).map(|number| json!({"number": number})),
            "headers": {
                "accept": "application/json", "authorization": format!("Bearer {token}"),
                "content-type": "application/json", "host": host, "user-agent": "curl/8.5.0",
                "x-forwarded-for": "192.0.2.10", "x-forwarded-port": "443", "x-forwarded-proto": "https",
            },
            "requestContext": {
                "accountId": "123456789012", "apiId": "abcdefghij", "domainName": host, "domainPrefix": "abcdefghij",
                "http": {
                    "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.10",
                    "userAgent": "curl/8.5.0",
                },
                "requestId": "JKJaXmPLvHcESHA=", "routeKey": "$default", "stage": "$default",
                "time": "15/Jan/2026:09:30:00 +0000", "timeEpoch": 1_768_469_400_000_u64,
            },
            "body": body.map(Value::to_string), "isBase64Encoded": false,
        })
        .to_string()
    }
}

fn get(desk: &mut Desk) -> String {
    let path = format!("/v1/tickets/{}", desk.next_ticket().head.number);
    desk.request(&desk.users[1], "GET", &path, "", None)
}

/// The first page of the tickets of the technician, which has 25.
fn list(desk: &mut Desk) -> String {
    desk.request(&desk.users[1], "GET", "/v1/tickets", "assignee=me", None)
}

fn create(desk: &mut Desk) -> String {
    desk.request(&desk.users[0], "POST", "/v1/tickets", "", Some(&new_ticket()))
}

fn comment(desk: &mut Desk) -> String {
    let path = format!("/v1/tickets/{}/comments", desk.next_ticket().head.number);
    desk.request(&desk.users[1], "POST", &path, "", Some(&json!({"body": "Which tray do you print from?"})))
}

fn relay(_: &mut Desk) -> String {
    include_str!("../../../events/workers-relay.json").to_owned()
}

fn notify(desk: &mut Desk) -> String {
    let body = CommentBody::parse("Which tray do you print from?".to_owned()).unwrap();
    let (ticket, tina) = (desk.next_ticket().clone(), desk.users[1].person());
    let change = ticket.comment(body, Actor::of(&tina), [clock::stamp(), clock::stamp()]).unwrap();
    let mut batch: Value = serde_json::from_str(include_str!("../../../events/workers-notify.json")).unwrap();
    batch["Records"][0]["body"] = json!(TicketEvent::of(&change.entries[0]).to_json().unwrap());
    batch.to_string()
}

fn has_status(answer: &str, status: u16) -> bool {
    serde_json::from_str::<Value>(answer).unwrap()["statusCode"] == status
}

fn has_no_failure(answer: &str) -> bool {
    serde_json::from_str::<Value>(answer).unwrap() == json!({"batchItemFailures": []})
}

fn new_ticket() -> Value {
    json!({
        "title": "The printer on floor 3 jams", "description": "Every second page, since this morning.",
        "category": "printers", "tags": ["paper", "third floor"],
    })
}

fn variables(stack: &Stack) -> Vec<(String, String)> {
    let queue = |id| stack.queue_url(id).unwrap();
    [
        ("AWS_REGION", local::REGION),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_SESSION_TOKEN", "local"),
        ("AWS_ENDPOINT_URL_DYNAMODB", stack.dynamodb_url()),
        ("AWS_ENDPOINT_URL_SQS", stack.sqs_url()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("METRICS_NAMESPACE", "HelpDesk/bench"),
        ("TABLE_NAME", stack.table_name()),
        ("TOKEN_ISSUER", ISSUER),
        ("TOKEN_AUDIENCE", AUDIENCE),
        ("TOKEN_VERIFY_KEYS", &stack.signing_key().jwks),
        ("EVENTS_QUEUE_URL", queue("EventsQueue")),
        ("ACCOUNTS_QUEUE_URL", queue("AccountsQueue")),
        ("EMAIL_QUEUE_URL", queue("EmailQueue")),
        ("WEBHOOKS_QUEUE_URL", queue("WebhooksQueue")),
        ("EVENTS_DEAD_LETTERS_URL", queue("EventsDeadLetters")),
        ("RELAY_DEAD_LETTERS_URL", queue("RelayDeadLetters")),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}
