//! What the largest texts cost: every text has the maximum length, in capital letters of four
//! bytes. Texts that are compared case-insensitively are then stored twice.

use std::fmt::Write as _;

use http::Method;
use serde_json::{Value, json};
use support::wire::Wire;

use super::{Cost, assert_documented, calls_by, prices, time_price};
use crate::support::{Caller, Desk, embedded_only, unique};

/// Returns a text of this many capital letters of four bytes. Texts differ but have the same size.
fn text(characters: usize) -> String {
    let first = format!("{:06}", unique());
    first.clone() + &"\u{10400}".repeat(characters - first.len())
}

fn ticket() -> Value {
    let tags: Vec<String> = (0..10).map(|_| text(30)).collect();
    json!({"title": text(150), "description": text(10_000), "category": text(50), "tags": tags})
}

/// A request and its row: the label, the function that answers, and the status.
struct MeasuredRequest<'a> {
    label: &'static str,
    function: &'static str,
    caller: &'a Caller,
    request: String,
    body: Value,
    key: bool,
    status: u16,
}

impl<'a> MeasuredRequest<'a> {
    const fn new(label: &'static str, function: &'static str, caller: &'a Caller, request: String) -> Self {
        Self { label, function, caller, request, body: Value::Null, key: false, status: 200 }
    }

    fn with(self, body: Value, status: u16) -> Self {
        Self { body, status, ..self }
    }

    fn with_key(self) -> Self {
        Self { key: true, ..self }
    }

    /// Sends the request and returns its row of the table.
    async fn row(self, wire: &Wire) -> String {
        let key = format!("key-{}", unique());
        let (method, path) = self.request.split_once(' ').unwrap();
        let mut headers = vec![("content-type", "application/json")];
        headers.extend((method == "PATCH").then_some(("if-match", "*")));
        headers.extend(self.key.then_some(("idempotency-key", key.as_str())));
        let body = if self.body.is_null() { Vec::new() } else { self.body.to_string().into_bytes() };
        wire.record();
        self.caller.send(method.parse::<Method>().unwrap(), path, &headers, body).await.expect(self.status);
        let cost = Cost::of(&calls_by(self.function, wire.recorded()));
        let table = cost.table_price();
        let total = table + prices::HTTP_REQUESTS + prices::INVOCATIONS + time_price(false);
        let (label, calls, read, write) = (self.label, cost.calls, cost.units.read, cost.units.write);
        format!("| {label} | {calls} | {read} | {write} | {table:.2} | {total:.2} |\n")
    }
}

/// Opens twenty-five such tickets for Ana and returns the number of the last, which has thirty such
/// comments, five notes and ten edits.
async fn begin(ana: &Caller, tina: &Caller) -> u64 {
    let mut number = 0;
    for _ in 0..25 {
        number = ana.post("/v1/tickets", ticket()).await.expect(201).body["number"].as_u64().unwrap();
    }
    let path = format!("/v1/tickets/{number}");
    for place in 0..30 {
        ana.post(&format!("{path}/comments"), json!({"body": text(10_000)})).await.expect(201);
        if place % 6 == 0 {
            tina.post(&format!("{path}/notes"), json!({"body": text(10_000)})).await.expect(201);
        }
        if place % 3 == 0 {
            let headers = [("content-type", "application/json"), ("if-match", "*")];
            let body = json!({"description": text(10_000)}).to_string().into_bytes();
            ana.send(Method::PATCH, &path, &headers, body).await.expect(200);
        }
    }
    number
}

#[tokio::test]
async fn the_largest_texts_cost_as_documented() {
    if embedded_only("DynamoDB Local counts the units of transactions double") {
        return;
    }
    let (desk, wire) = Desk::with_wire(1, |_| {}).await;
    let ada = desk.admin().await;
    let ana = desk.registered(&text(100), format!("ana-{}@example.org", unique())).await;
    let tina = desk.registered(&text(100), format!("tina-{}@example.org", unique())).await;
    ada.put(&format!("/v1/users/{}/role", tina.id), json!({"role": "technician"})).await.expect(200);
    let tina = desk.signed_in(tina).await;
    let number = begin(&ana, &tina).await;
    let at = |request: &str| request.replace("{number}", &number.to_string());
    let comment = || json!({"body": text(10_000)});
    let reason = || json!({"reason": text(2_000)});
    let requests = [
        MeasuredRequest::new("`POST /v1/tickets`", "tickets-create", &ana, at("POST /v1/tickets")).with(ticket(), 201),
        MeasuredRequest::new("`POST /v1/tickets`, with a key", "tickets-create", &ana, at("POST /v1/tickets"))
            .with(ticket(), 201)
            .with_key(),
        MeasuredRequest::new("`GET /v1/tickets`, 25", "tickets-list", &ana, at("GET /v1/tickets")),
        MeasuredRequest::new("`GET …`", "tickets-get", &ana, at("GET /v1/tickets/{number}")),
        MeasuredRequest::new("`PATCH …` of the description", "tickets-update", &ana, at("PATCH /v1/tickets/{number}"))
            .with(json!({"description": text(10_000)}), 200),
        MeasuredRequest::new("`PATCH …` of title and tags", "tickets-update", &ada, at("PATCH /v1/tickets/{number}"))
            .with(json!({"title": text(150), "tags": ticket()["tags"]}), 200),
        MeasuredRequest::new("`POST …/comments`", "comments-create", &ana, at("POST /v1/tickets/{number}/comments"))
            .with(comment(), 201),
        MeasuredRequest::new(
            "`POST …/comments`, with a key",
            "comments-create",
            &ana,
            at("POST /v1/tickets/{number}/comments"),
        )
        .with(comment(), 201)
        .with_key(),
        MeasuredRequest::new("`POST …/notes`", "notes-create", &tina, at("POST /v1/tickets/{number}/notes"))
            .with(comment(), 201),
        MeasuredRequest::new("`GET …/comments`, 25", "comments-list", &ana, at("GET /v1/tickets/{number}/comments")),
        MeasuredRequest::new(
            "`GET …/events`, 11 behind 30 comments",
            "events-list",
            &ana,
            at("GET /v1/tickets/{number}/events"),
        ),
        MeasuredRequest::new("`GET …/timeline`, 25", "timeline-get", &tina, at("GET /v1/tickets/{number}/timeline")),
        MeasuredRequest::new("`GET …/verify`", "tickets-verify", &ana, at("GET /v1/tickets/{number}/verify")),
        MeasuredRequest::new("`POST …/assign`", "tickets-assign", &tina, at("POST /v1/tickets/{number}/assign"))
            .with(json!({}), 200),
        MeasuredRequest::new("`POST …/resolve`", "tickets-resolve", &tina, at("POST /v1/tickets/{number}/resolve"))
            .with(json!({"resolution": text(2_000)}), 200),
        MeasuredRequest::new("`POST …/reopen`", "tickets-reopen", &ana, at("POST /v1/tickets/{number}/reopen"))
            .with(reason(), 200),
        MeasuredRequest::new("`POST …/release`", "tickets-release", &tina, at("POST /v1/tickets/{number}/release"))
            .with(reason(), 200),
    ];
    let mut table =
        "| what | calls | read units | write units | DynamoDB, $ | request, $ |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for requests in requests {
        write!(table, "{}", requests.row(&wire).await).unwrap();
    }
    assert_documented("largest", &table);
}
