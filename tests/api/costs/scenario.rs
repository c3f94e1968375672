//! One request to each route, on tickets of an ordinary size.

use serde_json::{Value, json};

use crate::support::{Answer, Caller, Desk, PASSWORD, eventually, unique};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Nobody in particular.
    Anyone,
    /// The requester of the tickets.
    Ana,
    /// A technician.
    Tina,
    /// The admin.
    Ada,
    /// Nobody over HTTP: a consumer of what the request before led to.
    Consumer,
}

/// A request, by what is sent; `%…` are filled in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) function: &'static str,
    who: Who,
    /// The method and the path.
    request: &'static str,
    body: &'static str,
    status: u16,
    /// What tells it from another row of the same route.
    note: &'static str,
    /// How many items the page has that it answers with.
    shows: Option<usize>,
    /// A header beside the usual ones.
    header: Option<(&'static str, &'static str)>,
    /// What is done to the ticket before.
    commands: &'static [&'static str],
    pub(crate) hashes: bool,
}

impl Row {
    pub(crate) fn is_http(&self) -> bool {
        self.who != Who::Consumer
    }

    /// Whether what it costs depends on how many tickets there are, up to a bound.
    pub(crate) fn is_bounded(&self) -> bool {
        self.request.contains("tag=")
    }

    /// Returns the route as the contract writes it.
    pub(crate) fn route(&self) -> String {
        let mut route =
            self.request.split('?').next().unwrap().replace("%ticket", "{number}").replace("%long", "{number}");
        for id in ["%user", "%session", "%notification", "%new_ticket", "%webhook"] {
            route = route.replace(id, "{id}");
        }
        route.replace("%delivery", "{delivery}").replace("%unsubscribe", "{token}")
    }

    /// The route, and the note.
    pub(crate) fn label(&self) -> String {
        if self.who == Who::Consumer {
            return self.note.to_owned();
        }
        let route = self.route();
        let detail = match (self.note, self.shows) {
            ("", None) => return format!("`{route}`"),
            ("", Some(count)) => count.to_string(),
            (note, None) => note.to_owned(),
            (note, Some(count)) => format!("{count} of {note}"),
        };
        format!("`{route}`, {detail}")
    }

    const fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    const fn shows(self, count: usize) -> Self {
        Self { shows: Some(count), ..self }
    }

    const fn after(self, commands: &'static [&'static str]) -> Self {
        Self { commands, ..self }
    }

    const fn header(self, name: &'static str, value: &'static str) -> Self {
        Self { header: Some((name, value)), ..self }
    }

    const fn hashes(self) -> Self {
        Self { hashes: true, ..self }
    }
}

const fn row(function: &'static str, who: Who, request: &'static str, body: &'static str, status: u16) -> Row {
    Row { function, who, request, body, status, note: "", shows: None, header: None, commands: &[], hashes: false }
}

const fn get(function: &'static str, who: Who, request: &'static str) -> Row {
    row(function, who, request, "", 200)
}

use Who::{Ada, Ana, Anyone, Consumer, Tina};

const TICKET: &str =
    r#"{"title": "%title", "description": "%text", "category": "printers", "tags": ["paper", "third floor"]}"#;
const COMMENT: &str = r#"{"body": "%text"}"#;
const ACCOUNT: &str = r#"{"name": "Bea", "email": "%unique@example.org", "password": "%password"}"#;
const CREDENTIALS: &str = r#"{"email": "%email", "password": "%password"}"#;
const REFRESH: &str = r#"{"refresh_token": "%refresh"}"#;
const RESET: &str = r#"{"token": "%token", "password": "%password"}"#;
const PASSWORDS: &str = r#"{"current_password": "%password", "new_password": "%password"}"#;
const ASSIGNED: &[&str] = &["assign"];
const RESOLVED: &[&str] = &["assign", "resolve"];

/// The table, in the order of the contract.
pub(crate) const ROWS: &[Row] = &[
    row("auth-register", Anyone, "POST /v1/auth/register", ACCOUNT, 201).hashes(),
    row("auth-login", Anyone, "POST /v1/auth/login", CREDENTIALS, 200).hashes(),
    row("auth-refresh", Anyone, "POST /v1/auth/refresh", REFRESH, 200),
    row("auth-logout", Anyone, "POST /v1/auth/logout", REFRESH, 204),
    row("auth-forgot-password", Anyone, "POST /v1/auth/password/forgot", r#"{"email": "%email"}"#, 202),
    row("auth-reset-password", Anyone, "POST /v1/auth/password/reset", RESET, 204).hashes(),
    get("auth-keys", Anyone, "GET /.well-known/jwks.json"),
    get("me-get", Ana, "GET /v1/me"),
    row("me-update", Ana, "PATCH /v1/me", r#"{"name": "Ana B."}"#, 200),
    row("me-change-password", Ana, "POST /v1/me/password", PASSWORDS, 204).hashes(),
    get("sessions-list", Ana, "GET /v1/me/sessions"),
    row("sessions-end", Ana, "DELETE /v1/me/sessions/%session", "", 204),
    get("users-list", Ada, "GET /v1/users"),
    get("users-get", Ada, "GET /v1/users/%user"),
    row("users-update", Ada, "PATCH /v1/users/%user", r#"{"name": "Bea C."}"#, 200),
    row("users-set-role", Ada, "PUT /v1/users/%user/role", r#"{"role": "technician"}"#, 200),
    row("users-deactivate", Ada, "DELETE /v1/users/%user", "", 204),
    row("tickets-create", Ana, "POST /v1/tickets", TICKET, 201),
    row("tickets-create", Ana, "POST /v1/tickets", TICKET, 201).note("with a key").header("idempotency-key", "%unique"),
    row("tickets-create", Ana, "POST /v1/tickets", TICKET, 201)
        .note("repeated under a key")
        .header("idempotency-key", "%again"),
    get("tickets-list", Ana, "GET /v1/tickets").note("one's own").shows(25),
    get("tickets-list", Tina, "GET /v1/tickets").note("all").shows(25),
    get("tickets-list", Tina, "GET /v1/tickets?limit=100").note("all").shows(100),
    get("tickets-list", Tina, "GET /v1/tickets?status=open").note("the queue").shows(25),
    get("tickets-list", Tina, "GET /v1/tickets?assignee=me").note("an assignee").shows(25),
    get("tickets-list", Tina, "GET /v1/tickets?category=printers").note("a category most have").shows(25),
    get("tickets-list", Tina, "GET /v1/tickets?tag=none").note("a tag that none has").shows(0),
    get("tickets-get", Ana, "GET /v1/tickets/%ticket"),
    get("tickets-get", Ana, "GET /v1/tickets/%ticket").note("resolved").after(RESOLVED),
    row("tickets-get", Ana, "GET /v1/tickets/%ticket", "", 304).note("not modified").header("if-none-match", "\"1\""),
    row("tickets-update", Ana, "PATCH /v1/tickets/%ticket", r#"{"title": "%title, again"}"#, 200)
        .header("if-match", "\"1\""),
    row("tickets-assign", Tina, "POST /v1/tickets/%ticket/assign", "{}", 200),
    row("tickets-assign", Tina, "POST /v1/tickets/%ticket/assign", r#"{"assignee_id": "%colleague"}"#, 200)
        .note("hand over")
        .after(ASSIGNED),
    row("tickets-release", Tina, "POST /v1/tickets/%ticket/release", "{}", 200).after(ASSIGNED),
    row("tickets-resolve", Tina, "POST /v1/tickets/%ticket/resolve", r#"{"resolution": "%text"}"#, 200).after(ASSIGNED),
    row("tickets-reopen", Ana, "POST /v1/tickets/%ticket/reopen", "{}", 200).after(RESOLVED),
    row("tickets-close", Ana, "POST /v1/tickets/%ticket/close", "{}", 200).after(RESOLVED),
    row("tickets-withdraw", Ana, "POST /v1/tickets/%ticket/withdraw", "{}", 200),
    row("comments-create", Ana, "POST /v1/tickets/%ticket/comments", COMMENT, 201).after(ASSIGNED),
    row("comments-create", Ana, "POST /v1/tickets/%ticket/comments", COMMENT, 201)
        .note("with a key")
        .header("idempotency-key", "%unique")
        .after(ASSIGNED),
    row("comments-create", Ana, "POST /v1/tickets/%ticket/comments", COMMENT, 201).note("reopening").after(RESOLVED),
    row("notes-create", Tina, "POST /v1/tickets/%ticket/notes", COMMENT, 201).after(ASSIGNED),
    get("comments-list", Ana, "GET /v1/tickets/%long/comments").shows(25),
    get("notes-list", Tina, "GET /v1/tickets/%long/notes").shows(1),
    get("events-list", Ana, "GET /v1/tickets/%long/events").shows(2),
    get("timeline-get", Tina, "GET /v1/tickets/%long/timeline").shows(25),
    get("tickets-verify", Ana, "GET /v1/tickets/%long/verify").note("32 entries"),
    get("notifications-list", Ana, "GET /v1/notifications").shows(25),
    get("notifications-list", Tina, "GET /v1/notifications").note("a technician's, with new tickets").shows(25),
    get("notifications-count-unread", Ana, "GET /v1/notifications/unread-count").note("99 and more unread"),
    row("notifications-mark-read", Ana, "POST /v1/notifications/%notification/read", "", 204),
    row("notifications-mark-read", Tina, "POST /v1/notifications/%new_ticket/read", "", 204).note("a new ticket"),
    row("notifications-mark-all-read", Ana, "POST /v1/notifications/read-all", "", 204).note("however much is unread"),
    get("notifications-count-unread", Ana, "GET /v1/notifications/unread-count").note("all read before"),
    get("preferences-get", Ana, "GET /v1/me/notification-preferences"),
    row("preferences-replace", Ana, "PUT /v1/me/notification-preferences", r#"{"email": {"opened": false}}"#, 200),
    get("preferences-unsubscribe", Anyone, "GET /v1/unsubscribe/%unsubscribe"),
    row("preferences-unsubscribe", Anyone, "POST /v1/unsubscribe/%unsubscribe", "", 204),
    row(
        "webhooks-create",
        Ada,
        "POST /v1/webhooks",
        r#"{"url": "https://example.org/%unique", "events": ["closed"]}"#,
        201,
    ),
    get("webhooks-list", Ada, "GET /v1/webhooks"),
    get("webhooks-get", Ada, "GET /v1/webhooks/%webhook"),
    row("webhooks-update", Ada, "PATCH /v1/webhooks/%webhook", r#"{"description": "%unique"}"#, 200),
    row("webhooks-rotate-secret", Ada, "POST /v1/webhooks/%webhook/rotate-secret", "", 200),
    row("webhooks-ping", Ada, "POST /v1/webhooks/%webhook/ping", "", 202),
    get("webhooks-list-deliveries", Ada, "GET /v1/webhooks/%webhook/deliveries"),
    row("webhooks-replay-delivery", Ada, "POST /v1/webhooks/%webhook/deliveries/%delivery/replay", "", 202),
    row("webhooks-delete", Ada, "DELETE /v1/webhooks/%webhook", "", 204),
    row("workers-notify", Consumer, "POST /v1/tickets/%ticket/comments", COMMENT, 201)
        .note("an event told to one person")
        .after(ASSIGNED),
    row("workers-notify", Consumer, "POST /v1/tickets", TICKET, 201).note("a new ticket told to all technicians"),
];

const TITLE: &str = "The printer on the third floor jams on every second page";
const TEXT: &str = "Since this morning every second page jams in the upper tray. We opened all the doors and took out what we \
    found, turned it off and on, and filled in new paper from another box. It prints one page, then it stops and shows \
    \"13.A2.D1\". The one on the second floor takes the same paper and works. We have to send forty letters by noon.";

/// The people and tickets of the scenario, and what the next row needs.
pub(crate) struct Scenario {
    ana: Caller,
    tina: Caller,
    ada: Caller,
    /// Whom the admin does things to.
    user: Caller,
    colleague: Caller,
    /// The ticket of the row.
    ticket: u64,
    /// A ticket with thirty comments and a note.
    long: u64,
    /// A key that a ticket was opened with.
    again: String,
    /// The token of a reset.
    token: String,
    /// The token that ends Ana's mails.
    unsubscribe: String,
    /// A webhook, and a delivery to it.
    webhook: String,
    delivery: String,
}

/// A desk somebody has worked at: a hundred tickets of Ana, half of them Tina's.
pub(crate) async fn begin(desk: &Desk) -> Scenario {
    let ada = desk.admin().await;
    let (ana, user) = (desk.user("Ana").await, desk.user("Bea").await);
    let (tina, colleague) = (desk.technician(&ada, "Tina").await, desk.technician(&ada, "Tom").await);
    let mut scenario = Scenario {
        ana,
        tina,
        ada,
        user,
        colleague,
        ticket: 0,
        long: 0,
        again: String::new(),
        token: String::new(),
        unsubscribe: String::new(),
        webhook: String::new(),
        delivery: String::new(),
    };
    for place in 0..100 {
        let number = scenario.open().await;
        if place % 2 == 0 {
            scenario.tina.post_nothing(&format!("/v1/tickets/{number}/assign")).await.expect(200);
        }
        scenario.long = if place == 0 { number } else { scenario.long };
    }
    let path = format!("/v1/tickets/{}", scenario.long);
    for _ in 0..30 {
        scenario.tina.post(&format!("{path}/comments"), json!({"body": TEXT})).await.expect(201);
    }
    scenario.tina.post(&format!("{path}/notes"), json!({"body": TEXT})).await.expect(201);
    eventually("Ana is told", || async { (desk.told(&scenario.ana).await.len() == 80).then_some(()) }).await;
    scenario
}

impl Scenario {
    /// Gives everybody tokens of now.
    pub(crate) async fn sign_in(&mut self, desk: &Desk) {
        for caller in [&mut self.ana, &mut self.tina, &mut self.ada] {
            *caller = desk.signed_in(caller.clone()).await;
        }
    }

    async fn open(&self) -> u64 {
        let body: Value = serde_json::from_str(&self.filled(TICKET)).unwrap();
        self.ana.post("/v1/tickets", body).await.expect(201).body["number"].as_u64().unwrap()
    }

    /// A ticket of Ana to which that was done.
    pub(crate) async fn lived(&self, commands: &[&str]) -> u64 {
        let number = self.open().await;
        for command in commands {
            let body = if *command == "resolve" { json!({"resolution": TEXT}) } else { json!({}) };
            let caller = if *command == "close" { &self.ana } else { &self.tina };
            caller.post(&format!("/v1/tickets/{number}/{command}"), body).await.expect(200);
        }
        number
    }

    /// Makes what the row needs.
    pub(crate) async fn prepare(&mut self, desk: &Desk, row: &Row) {
        self.again = format!("again-{}", unique());
        if row.request.contains("%ticket") {
            self.ticket = self.lived(row.commands).await;
        }
        if row.header.is_some_and(|(_, value)| value == "%again") {
            drop(self.play(desk, row).await);
        }
        if row.body.contains("%refresh") || row.request.contains("/v1/me") {
            self.ana = desk.signed_in(self.ana.clone()).await;
        }
        if row.request.contains("%user") {
            self.user = desk.user("Bea").await;
        }
        if row.request.contains("%webhook") {
            let body = json!({"url": format!("https://example.org/{}", unique()), "events": ["withdrawn"]});
            let webhook = self.ada.post("/v1/webhooks", body).await.expect(201);
            self.webhook = webhook.body["id"].as_str().unwrap().to_owned();
            let ping = self.ada.post_nothing(&format!("/v1/webhooks/{}/ping", self.webhook)).await.expect(202);
            self.delivery = ping.body["id"].as_str().unwrap().to_owned();
        }
        if row.request.contains("%unsubscribe") {
            self.unsubscribe = desk.unsubscribe_token(&self.ana.email).await;
        }
        if row.body.contains("%token") {
            self.token = desk.mailed_tokens(&self.ana.email, 1).await.remove(0);
        }
        if !row.is_http() {
            // What is on its way already must not be measured with it.
            let taken = ("assigned".to_owned(), self.ticket, "requester".to_owned());
            eventually("Ana is told", || async { desk.told(&self.ana).await.contains(&taken).then_some(()) }).await;
            desk.drained(&["EventsQueue"]).await;
        }
    }

    /// Sends the row's request, and waits for its consumer if it is one of a consumer.
    pub(crate) async fn play(&self, desk: &Desk, row: &Row) -> Answer {
        let caller = match row.who {
            Who::Anyone => desk.anyone(),
            Ana | Who::Consumer => self.ana.clone(),
            Tina => self.tina.clone(),
            Ada => self.ada.clone(),
        };
        let told = async || self.tina.all_pages("/v1/notifications", 100).await.len();
        let before = if row.is_http() { 0 } else { told().await };
        let header = row.header.map(|(name, value)| (name, self.filled(value)));
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(header.as_ref().map(|(name, value)| (*name, value.as_str())));
        let request = self.request(row, &caller).await;
        let (method, path) = request.split_once(' ').unwrap();
        let (method, body) = (method.parse().unwrap(), self.filled(row.body).into_bytes());
        let answer: Answer = caller.send(method, path, &headers, body).await;
        assert_eq!(answer.status.as_u16(), row.status, "{}: {:#}", row.label(), answer.body);
        if let Some(count) = row.shows {
            assert_eq!(answer.items().len(), count, "{}", row.label());
        }
        if !row.is_http() {
            eventually("Tina is told", || async { (told().await > before).then_some(()) }).await;
            desk.drained(&["EventsQueue"]).await;
        }
        answer
    }

    async fn request(&self, row: &Row, caller: &Caller) -> String {
        let mut path = self.filled(row.request);
        if path.contains("%session") {
            let sessions = caller.all_pages("/v1/me/sessions", 100).await;
            path = path.replace("%session", sessions[0]["id"].as_str().unwrap());
        }
        if path.contains("%notification") {
            let told = caller.get("/v1/notifications").await.expect(200);
            path = path.replace("%notification", told.items()[0]["id"].as_str().unwrap());
        }
        if path.contains("%new_ticket") {
            let told = caller.get("/v1/notifications?unread=true").await.expect(200);
            let new = told.items().iter().find(|told| told["reason"] == "new_ticket").unwrap();
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
        let text = text.replace("%unsubscribe", &self.unsubscribe);
        let text = text.replace("%user", &self.user.id).replace("%colleague", &self.colleague.id);
        text.replace("%unique", &format!("unique-{}", unique())).replace("%again", &self.again)
    }
}
