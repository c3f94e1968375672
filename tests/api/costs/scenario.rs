//! One request to each route, on tickets of ordinary size.

use std::sync::LazyLock;

use endpoints::row::{Call, Cost, Endpoint, Who};
use endpoints::table::rows;
use serde_json::{Value, json};

use crate::support::table::{Item, number, partition_begins, text};
use crate::support::{Caller, Desk, PASSWORD, Response, eventually, unique};

/// A request that is measured, with its `%…` placeholders.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) function: &'static str,
    route: &'static str,
    /// The method and the path.
    request: String,
    body: &'static str,
    status: u16,
    cost: Cost,
    /// Whether the work of a consumer is measured instead of the request.
    is_consumers: bool,
}

impl Row {
    fn of(endpoint: &Endpoint, call: &Call, cost: &Cost) -> Self {
        let route = cost.route.unwrap_or(endpoint.route);
        let query = if cost.query.is_empty() { String::new() } else { format!("?{}", cost.query) };
        let function = api::ROUTES.iter().find(|known| route == format!("{} {}", known.method, known.path));
        Self {
            function: function.unwrap_or_else(|| panic!("{route} is no route")).function,
            route,
            request: format!("{}{query}", named(route, cost.on)),
            body: cost.body.unwrap_or(call.body),
            status: cost.status.unwrap_or(call.status),
            cost: *cost,
            is_consumers: false,
        }
    }

    /// Returns the row for the work of `workers-notify` after the first request to this route with
    /// this note.
    fn of_notifier(route: &str, note: &str, label: &'static str) -> Self {
        let mut rows = of_endpoints();
        let mut row = rows.find(|row| row.route == route && row.cost.note == note).unwrap();
        row.function = "workers-notify";
        row.is_consumers = true;
        row.cost.note = label;
        row
    }

    pub(crate) fn is_http(&self) -> bool {
        !self.is_consumers
    }

    /// Returns whether a password is hashed.
    pub(crate) fn hashes(&self) -> bool {
        self.cost.hashes
    }

    /// Returns whether the cost depends on the number of tickets, up to a bound.
    pub(crate) fn is_bounded(&self) -> bool {
        self.request.contains("tag=")
    }

    /// Returns the route as the contract writes it.
    pub(crate) fn route(&self) -> &'static str {
        self.route
    }

    /// Returns the route and the note.
    pub(crate) fn label(&self) -> String {
        if self.is_consumers {
            return self.cost.note.to_owned();
        }
        let route = self.route;
        let detail = match (self.cost.note, self.cost.shows) {
            ("", None) => return format!("`{route}`"),
            ("", Some(count)) => count.to_string(),
            (note, None) => note.to_owned(),
            (note, Some(count)) => format!("{count} of {note}"),
        };
        format!("`{route}`, {detail}")
    }
}

/// Returns the route with placeholders for the parameters of its path.
fn named(route: &str, on: Option<&str>) -> String {
    let of_kind = match route {
        route if route.contains("/me/tokens/") => "%api_token",
        route if route.ends_with("/invitation") => "%invited",
        route if route.contains("/users/") => "%user",
        route if route.contains("/sessions/") => "%session",
        route if route.contains("/notifications/") => "%notification",
        _ => "%webhook",
    };
    let route = route.replace("{number}", on.unwrap_or("%ticket")).replace("{id}", on.unwrap_or(of_kind));
    let route = route.replace("{delivery}", "%delivery").replace("{token_id}", "%api_token");
    let token = if route.contains("/email/verify/") { "%moved" } else { "%unsubscribe" };
    let route = route.replace("{token}", token).replace("{asset}", "page.js");
    route.replace("{file}", "icon.svg").replace("{page}", "tickets").replace("{item}", "42")
}

fn of_endpoints() -> impl Iterator<Item = Row> {
    rows().flat_map(|row| row.call.costs.iter().map(move |cost| Row::of(row.endpoint, row.call, cost)))
}

/// The requests of `tests/endpoints/table.rs`, and the work of the notifier after some of them.
pub(crate) static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let of_notifier = [
        Row::of_notifier("POST /v1/tickets/{number}/comments", "", "one person notified of an event"),
        Row::of_notifier("POST /v1/tickets", "", "all technicians notified of a new ticket"),
        Row::of_notifier(
            "POST /v1/tickets",
            "urgent",
            "the same for an urgent ticket, with mails to three technicians",
        ),
    ];
    of_endpoints().chain(of_notifier).collect()
});

const TITLE: &str = "The printer on the third floor jams on every second page";
const TEXT: &str = "Since this morning every second page jams in the upper tray. We opened all the doors and took out what we \
    found, turned it off and on, and filled in new paper from another box. It prints one page, then it stops and shows \
    \"13.A2.D1\". The one on the second floor takes the same paper and works. We have to send forty letters by noon.";

/// The people and tickets of the scenario, and the state that the next row needs.
pub(crate) struct Scenario {
    ana: Caller,
    tina: Caller,
    ada: Caller,
    /// The account that the admin changes.
    user: Caller,
    colleague: Caller,
    /// The id of an account whose person is invited.
    invited: String,
    /// The ticket of the row.
    ticket: u64,
    /// A ticket with thirty comments and a note.
    long: u64,
    /// An idempotency key that a ticket was opened with.
    again: String,
    /// The token of a reset.
    token: String,
    /// The token that verifies a new address of an account.
    email_change: String,
    /// The token that ends Ana's mails.
    unsubscribe: String,
    /// A webhook, and a delivery to it.
    webhook: String,
    delivery: String,
    /// A program with an API token of Ana's, and the id of the token in the path.
    program: Caller,
    api_token: String,
    /// The id of a service account.
    service: String,
    /// The kind of attempts for which the network is throttled.
    waits: Option<&'static str>,
}

/// Makes an API token of this person. Returns the person with it, and its id.
async fn new_program(person: &Caller) -> (Caller, String) {
    let body = json!({"name": "Nightly report", "scopes": ["read_tickets"]});
    let made = person.post("/v1/me/tokens", body).await.expect(201).body;
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (person.with_token(text("token")), text("id"))
}

/// Fills a desk with a hundred tickets of Ana, half of them assigned to Tina.
pub(crate) async fn begin(desk: &Desk) -> Scenario {
    let ada = desk.admin().await;
    let (ana, user) = (desk.user("Ana").await, desk.user("Bea").await);
    let (tina, colleague) = (desk.technician(&ada, "Tina").await, desk.technician(&ada, "Tom").await);
    let mut scenario = Scenario {
        program: ana.clone(),
        api_token: String::new(),
        service: String::new(),
        ana,
        tina,
        ada,
        user,
        colleague,
        invited: String::new(),
        ticket: 0,
        long: 0,
        again: String::new(),
        token: String::new(),
        email_change: String::new(),
        unsubscribe: String::new(),
        webhook: String::new(),
        delivery: String::new(),
        waits: None,
    };
    for place in 0..100 {
        let number = scenario.open().await;
        if place % 2 == 0 {
            scenario.tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
        }
        scenario.long = if place == 0 { number } else { scenario.long };
    }
    let path = format!("/v1/tickets/{}", scenario.long);
    for _ in 0..30 {
        scenario.tina.post(&format!("{path}/comments"), json!({"body": TEXT})).await.expect(201);
    }
    scenario.tina.post(&format!("{path}/notes"), json!({"body": TEXT})).await.expect(201);
    eventually("Ana is notified", || async { (desk.notifications_of(&scenario.ana).await.len() == 80).then_some(()) })
        .await;
    scenario
}

/// Sets how many attempts of this kind the network has made.
async fn set_attempts(desk: &Desk, kind: &str, count: i64) {
    let counter = |item: &Item| partition_begins(item, &format!("ATTEMPTS#{kind}#"));
    desk.set(counter, "last_at", text(&edges::clock::now().to_string())).await;
    desk.set(counter, "attempt_count", number(count)).await;
}

impl Scenario {
    /// Renews the tokens of all callers.
    pub(crate) async fn sign_in(&mut self, desk: &Desk) {
        for caller in [&mut self.ana, &mut self.tina, &mut self.ada] {
            *caller = desk.signed_in(caller.clone()).await;
        }
    }

    async fn open(&self) -> u64 {
        let body = ROWS.iter().find(|row| row.route == "POST /v1/tickets").unwrap().body;
        let body: Value = serde_json::from_str(&self.filled(body)).unwrap();
        self.ana.post("/v1/tickets", body).await.expect(201).body["number"].as_u64().unwrap()
    }

    /// Opens a ticket for Ana and executes these commands on it.
    pub(crate) async fn ticket_after(&self, commands: &[&str]) -> u64 {
        let number = self.open().await;
        for command in commands {
            let body = if *command == "resolve" { json!({"resolution": TEXT}) } else { json!({}) };
            let caller = if *command == "close" { &self.ana } else { &self.tina };
            caller.post(&format!("/v1/tickets/{number}/{command}"), body).await.expect(200);
        }
        number
    }

    /// Creates what the row needs.
    pub(crate) async fn prepare(&mut self, desk: &Desk, row: &Row) {
        self.again = format!("again-{}", unique());
        if let Some(kind) = std::mem::replace(&mut self.waits, row.cost.waits) {
            set_attempts(desk, kind, 10).await;
        }
        if let Some(kind) = self.waits {
            set_attempts(desk, kind, 1_000_000).await;
        }
        if matches!(row.status, 401 | 429) {
            // The first refusal of a process reads the secret that addresses are hashed with for
            // its log.
            drop(self.play(desk, row).await);
        }
        if row.request.contains("%ticket") {
            self.ticket = self.ticket_after(row.cost.after).await;
        }
        if row.cost.header.is_some_and(|(_, value)| value == "%again") {
            drop(self.play(desk, row).await);
        }
        let by_program = matches!(row.cost.who, Who::Program | Who::NewProgram);
        if row.body.contains("%refresh") || (row.request.contains("/v1/me") && !by_program) {
            self.ana = desk.signed_in(self.ana.clone()).await;
        }
        if row.request.contains("%user") {
            self.user = desk.user("Bea").await;
        }
        if row.request.contains("%invited") {
            let new = json!({"name": "Noah", "email": format!("noah-{}@example.org", unique()), "role": "user"});
            self.invited = self.ada.post("/v1/users", new).await.expect(201).body["id"].as_str().unwrap().to_owned();
        }
        if row.request.contains("%api_token") {
            let owner = if row.request.contains("%user") { &self.user } else { &self.ana };
            self.api_token = new_program(owner).await.1;
        }
        if row.request.contains("%service") {
            let body = json!({"name": "Mail gateway", "role": "user"});
            let account = self.ada.post("/v1/service-accounts", body).await.expect(201).body;
            self.service = account["id"].as_str().unwrap().to_owned();
        }
        if by_program {
            self.program = new_program(&self.ana).await.0;
        }
        if row.cost.who == Who::Program {
            self.program.get("/v1/me").await.expect(200);
        }
        if row.request.contains("%webhook") {
            let body = json!({"url": format!("https://example.org/{}", unique()), "events": ["withdrawn"]});
            let webhook = self.ada.post("/v1/webhooks", body).await.expect(201);
            self.webhook = webhook.body["id"].as_str().unwrap().to_owned();
            let ping = self.ada.post_empty(&format!("/v1/webhooks/{}/ping", self.webhook)).await.expect(202);
            self.delivery = ping.body["id"].as_str().unwrap().to_owned();
        }
        if row.request.contains("%moved") {
            let email = format!("moved-{}@example.org", unique());
            self.email_change = desk.begin_email_change(&self.ada, &self.user.id, &email).await;
        }
        if row.request.contains("%unsubscribe") {
            self.unsubscribe = desk.unsubscribe_token(&self.ana.email).await;
        }
        if row.body.contains("%token") {
            self.token = desk.mailed_tokens(&self.ana.email, 1).await.remove(0);
        }
        if !row.is_http() {
            // Messages already in flight must not be measured with the row.
            let taken = ("assigned".to_owned(), self.ticket, "requester".to_owned());
            eventually("Ana is notified", || async {
                desk.notifications_of(&self.ana).await.contains(&taken).then_some(())
            })
            .await;
            desk.wait_until_drained(&["EventsQueue"]).await;
        }
    }

    /// Sends the row's request, and waits for its consumer if the row measures one.
    pub(crate) async fn play(&self, desk: &Desk, row: &Row) -> Response {
        let caller = match row.cost.who {
            Who::Anyone => desk.anyone(),
            Who::Ana => self.ana.clone(),
            Who::Tina => self.tina.clone(),
            Who::Ada => self.ada.clone(),
            Who::Program | Who::NewProgram => self.program.clone(),
        };
        let count_inbox = async || self.tina.all_pages("/v1/notifications", 100).await.len();
        let before = if row.is_http() { 0 } else { count_inbox().await };
        let header = row.cost.header.map(|(name, value)| (name, self.filled(value)));
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(header.as_ref().map(|(name, value)| (*name, value.as_str())));
        let request = self.request(row, &caller).await;
        let (method, path) = request.split_once(' ').unwrap();
        let (method, body) = (method.parse().unwrap(), self.filled(row.body).into_bytes());
        // This worker ends sessions too. Whether the request finds any left must not depend on it.
        let instances = desk.stack.instances().unwrap();
        instances.hold("workers-accounts").await.unwrap();
        let response: Response = caller.send(method, path, &headers, body).await;
        instances.resume("workers-accounts").await.unwrap();
        assert_eq!(response.status.as_u16(), row.status, "{}: {:#}", row.label(), response.body);
        if let Some(count) = row.cost.shows {
            assert_eq!(response.items().len(), count, "{}", row.label());
        }
        if !row.is_http() {
            eventually("Tina is notified", || async { (count_inbox().await > before).then_some(()) }).await;
            desk.wait_until_drained(&["EventsQueue"]).await;
        }
        response
    }

    async fn request(&self, row: &Row, caller: &Caller) -> String {
        let mut path = self.filled(&row.request);
        if path.contains("%session") {
            let sessions = caller.all_pages("/v1/me/sessions", 100).await;
            path = path.replace("%session", sessions[0]["id"].as_str().unwrap());
        }
        if path.contains("%notification") {
            let inbox = caller.get("/v1/notifications").await.expect(200);
            path = path.replace("%notification", inbox.items()[0]["id"].as_str().unwrap());
        }
        if path.contains("%new_ticket") {
            let inbox = caller.get("/v1/notifications?unread=true").await.expect(200);
            let new = inbox.items().iter().find(|item| item["reason"] == "new_ticket").unwrap();
            path = path.replace("%new_ticket", new["id"].as_str().unwrap());
        }
        if path.contains("%webhook") {
            path = path.replace("%webhook", &self.webhook).replace("%delivery", &self.delivery);
        }
        path
    }

    fn filled(&self, text: &str) -> String {
        let text = text.replace("%title", TITLE).replace("%text", &TEXT.replace('"', "\\\""));
        let text = text.replace("%ticket", &self.ticket.to_string()).replace("%long", &self.long.to_string());
        let text = text.replace("%email", &self.ana.email).replace("%password", PASSWORD);
        let text = text.replace("%refresh", &self.ana.refresh_token).replace("%token", &self.token);
        let text = text.replace("%unsubscribe", &self.unsubscribe).replace("%api_token", &self.api_token);
        let text = text.replace("%invited", &self.invited).replace("%moved", &self.email_change);
        let text = text.replace("%service", &self.service);
        let text = text.replace("%user", &self.user.id).replace("%technician", &self.colleague.id);
        text.replace("%unique", &format!("unique-{}", unique())).replace("%again", &self.again)
    }
}
