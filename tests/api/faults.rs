//! Faults between the functions and the table: calls that are throttled, broken, answered late or
//! never. Nothing may be duplicated, lost or left half done, and with three of ten calls failing
//! nearly every request still succeeds.
//!
//! `FAULT_SEED` starts other random runs, `FAULT_REQUESTS` prolongs them.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};
use support::wire::{Call, Fate, Service, Wire};

use crate::support::{Caller, Desk, Numbers, Response, eventually, setting, unique};

/// A request, with an idempotency key of its own or without one.
#[derive(Clone, Debug)]
struct Request {
    method: Method,
    path: String,
    body: Value,
    if_match: Option<String>,
    key: Option<String>,
}

impl Request {
    fn post(path: impl Into<String>, body: Value) -> Self {
        let key = Some(format!("key-{}", unique()));
        Self { method: Method::POST, path: path.into(), body, if_match: None, key }
    }

    async fn send(&self, caller: &Caller) -> Response {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(self.if_match.as_deref().map(|tag| ("if-match", tag)));
        headers.extend(self.key.as_deref().map(|key| ("idempotency-key", key)));
        let body = if self.method == Method::GET { Vec::new() } else { self.body.to_string().into_bytes() };
        caller.send(self.method.clone(), &self.path, &headers, body).await
    }
}

fn opening() -> Request {
    Request::post("/v1/tickets", json!({"title": "The printer jams", "description": "Every second page."}))
}

/// The person who takes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Requester,
    Technician,
}

/// A step of a ticket's life: the function, the person, the request, and the number of log entries
/// it adds.
#[derive(Clone, Copy, Debug)]
struct Step {
    function: &'static str,
    who: Who,
    request: &'static str,
    body: &'static str,
    entries: usize,
}

const fn step(function: &'static str, who: Who, request: &'static str, body: &'static str, entries: usize) -> Step {
    Step { function, who, request, body, entries }
}

use Who::{Requester, Technician};

const LIFE: [Step; 16] = [
    step("tickets-assign", Technician, "POST /assign", "{}", 1),
    step("comments-create", Requester, "POST /comments", r#"{"body": "It still jams."}"#, 1),
    step("notes-create", Technician, "POST /notes", r#"{"body": "Third time."}"#, 0),
    step("tickets-update", Technician, "PATCH ", r#"{"title": "The printer jams again"}"#, 1),
    step("tickets-release", Technician, "POST /release", "{}", 1),
    step("tickets-assign", Technician, "POST /assign", "{}", 1),
    step("tickets-resolve", Technician, "POST /resolve", r#"{"resolution": "New drum."}"#, 1),
    step("tickets-reopen", Requester, "POST /reopen", "{}", 1),
    step("tickets-resolve", Technician, "POST /resolve", r#"{"resolution": "Another drum."}"#, 1),
    step("comments-create", Requester, "POST /comments", r#"{"body": "No."}"#, 2),
    step("tickets-resolve", Technician, "POST /resolve", r#"{"resolution": "A new printer."}"#, 1),
    step("tickets-close", Requester, "POST /close", "{}", 1),
    step("tickets-get", Requester, "GET ", "{}", 0),
    step("timeline-get", Technician, "GET /timeline", "{}", 0),
    step("events-list", Requester, "GET /events", "{}", 0),
    step("tickets-verify", Requester, "GET /verify", "{}", 0),
];

/// Applies `fate` once, to call number `place` of the function to the table. The returned counter
/// counts the calls that it made.
fn disturb_once(wire: &Wire, function: &'static str, place: usize, fate: Fate) -> Arc<AtomicUsize> {
    let made = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&made);
    wire.disturb(move |call| {
        let counts = call.function == function && call.service == Service::DynamoDb;
        if counts && counted.fetch_add(1, Ordering::SeqCst) == place { fate } else { Fate::Pass }
    });
    made
}

/// Fails unless the ticket's log has this many entries, in order, without gaps or duplicates, and
/// verifies.
async fn assert_sound(caller: &Caller, number: u64, entries: usize) {
    let path = format!("/v1/tickets/{number}");
    let timeline = caller.all_pages(&format!("{path}/timeline"), 100).await;
    let seqs: Vec<u64> = timeline.iter().filter_map(|item| item["seq"].as_u64()).collect();
    assert_eq!(seqs, (1..=entries as u64).collect::<Vec<_>>(), "ticket {number}");
    let verified = caller.get(&format!("{path}/verify")).await.expect(200).body;
    assert_eq!((&verified["intact"], &verified["entries"]), (&json!(true), &json!(entries)), "ticket {number}");
}

/// The desk and the people of a run.
struct Lives<'a> {
    desk: &'a Desk,
    wire: &'a Wire,
    ana: &'a Caller,
    tina: &'a Caller,
    /// Whether requests have idempotency keys. Without one only the store prevents a write from
    /// being done twice.
    keys: bool,
}

impl Lives<'_> {
    /// Runs a ticket's life in which call number `place` of every request meets `fate`. Returns
    /// whether any request made that call.
    async fn run_life(&self, place: usize, fate: Fate) -> bool {
        let made = disturb_once(self.wire, "tickets-create", place, fate);
        let opened = Request { key: opening().key.filter(|_| self.keys), ..opening() };
        let number = opened.send(self.ana).await.expect(201).body["number"].as_u64().unwrap();
        let mut met = made.load(Ordering::SeqCst) > place;
        let mut entries = 1;
        for step in LIFE {
            let made = disturb_once(self.wire, step.function, place, fate);
            let response = self.take(step, number, entries).await;
            assert!(response.status.is_success(), "{fate:?} at call {place} of {step:?}: {}", response.body);
            met |= made.load(Ordering::SeqCst) > place;
            entries += step.entries;
        }
        self.wire.calm();
        assert_sound(self.tina, number, entries).await;
        let notes = self.tina.all_pages(&format!("/v1/tickets/{number}/notes"), 10).await;
        assert_eq!(notes.len(), 1, "{fate:?} at call {place}");
        self.desk.assert_no_process_died();
        met
    }

    async fn take(&self, step: Step, number: u64, version: usize) -> Response {
        let (method, path) = step.request.split_once(' ').unwrap();
        let method: Method = method.parse().unwrap();
        let request = Request::post(format!("/v1/tickets/{number}{path}"), serde_json::from_str(step.body).unwrap());
        let request = Request {
            key: request.key.filter(|_| self.keys && method == Method::POST),
            if_match: (method == Method::PATCH).then(|| format!("\"{version}\"")),
            method,
            ..request
        };
        request.send(if step.who == Requester { self.ana } else { self.tina }).await
    }
}

#[tokio::test]
async fn one_fault_at_any_call_of_a_ticket_request_is_invisible_to_the_caller() {
    let (desk, wire) = Desk::with_wire(1, |_| {}).await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let mut tickets = 0;
    for keys in [true, false] {
        let lives = Lives { desk: &desk, wire: &wire, ana: &ana, tina: &tina, keys };
        for fate in [Fate::LoseAnswer, Fate::Break, Fate::Throttle, Fate::ThrottleWithin] {
            let mut place = 0;
            while lives.run_life(place, fate).await {
                place += 1;
            }
            assert!(place >= 3, "requests make several calls");
            tickets += place + 1;
        }
    }
    assert_eq!(tina.all_pages("/v1/tickets", 100).await.len(), tickets, "no ticket was opened twice");
}

/// Returns what a technician reads of a ticket, page by page.
async fn everything_on(ticket: &str, tina: &Caller) -> Vec<Vec<Value>> {
    let mut read = vec![vec![tina.get(ticket).await.expect(200).body]];
    let changed = tina.send(Method::GET, ticket, &[("if-none-match", "\"1\"")], Vec::new()).await;
    read.push(vec![changed.expect(200).body]);
    for list in ["timeline", "timeline?order=desc", "comments", "events", "notes"] {
        read.push(tina.all_pages(&format!("{ticket}/{list}"), 3).await);
    }
    read
}

#[tokio::test]
async fn a_replica_that_lags_hides_nothing_of_a_ticket() {
    let (desk, wire) = Desk::with_wire(1, |_| {}).await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let ticket = format!("/v1/tickets/{}", desk.ticket(&ana).await);
    tina.post_empty(&format!("{ticket}/assign")).await.expect(200);
    for place in 3..=9 {
        tina.post(&format!("{ticket}/comments"), json!({"body": format!("Entry {place}")})).await.expect(201);
    }
    for text in ["Every third page.", "Every page."] {
        let seen = tina.get(&ticket).await.header("etag").unwrap().to_owned();
        let body = json!({ "description": text }).to_string().into_bytes();
        let headers = [("content-type", "application/json"), ("if-match", seen.as_str())];
        tina.send(Method::PATCH, &ticket, &headers, body).await.expect(200);
    }
    tina.post(&format!("{ticket}/notes"), json!({"body": "Hm."})).await.expect(201);
    tina.post(&format!("{ticket}/resolve"), json!({"resolution": "A new drum."})).await.expect(200);
    let before = everything_on(&ticket, &tina).await;
    let seqs: Vec<u64> = before[2].iter().filter_map(|item| item["seq"].as_u64()).collect();
    assert_eq!(seqs, (1..=12).collect::<Vec<_>>());
    wire.disturb(|_| Fate::Lag);
    wire.record();
    let lagging = everything_on(&ticket, &tina).await;
    wire.calm();
    let eventual = wire.recorded().into_iter().filter(|read| read.call.request["ConsistentRead"] == false).count();
    assert!(eventual >= 10, "hardly any read was answered by the replica: {eventual}");
    assert_eq!(lagging, before);
}

#[tokio::test]
async fn one_fault_at_any_call_of_a_session_request_is_invisible_to_the_caller() {
    let (desk, wire) = Desk::with_wire(1, |_| {}).await;
    let desk = desk.signing_in_over_http();
    let ana = desk.user("Ana").await;
    for fate in [Fate::LoseAnswer, Fate::Break, Fate::Throttle, Fate::ThrottleWithin] {
        for place in 0..4 {
            disturb_once(&wire, "auth-login", place, fate);
            let device = desk.signed_in(ana.clone()).await;
            disturb_once(&wire, "auth-refresh", place, fate);
            let body = json!({"refresh_token": device.refresh_token});
            let refreshed = desk.anyone().post("/v1/auth/refresh", body).await.expect(200).body;
            disturb_once(&wire, "sessions-list", place, fate);
            let sessions = device.all_pages("/v1/me/sessions", 100).await;
            let newest = sessions.last().unwrap()["id"].as_str().unwrap();
            disturb_once(&wire, "sessions-end", place, fate);
            let path = format!("/v1/me/sessions/{newest}");
            device.send(Method::DELETE, &path, &[], Vec::new()).await.expect(204);
            wire.calm();
            let body = json!({"refresh_token": refreshed["refresh_token"]});
            desk.anyone().post("/v1/auth/refresh", body).await.expect_problem(401, "invalid-token");
        }
    }
    desk.assert_no_process_died();
}

#[tokio::test]
async fn when_the_table_stays_down_the_response_is_503_and_a_retry_succeeds() {
    let (desk, wire) = Desk::with_wire(1, |_| {}).await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    for fate in [Fate::LoseAnswer, Fate::Break, Fate::Throttle, Fate::Hold(Duration::from_secs(4))] {
        let taken = opening().send(&ana).await.expect(201).body["number"].as_u64().unwrap();
        let open = opening().send(&ana).await.expect(201).body["number"].as_u64().unwrap();
        Request::post(format!("/v1/tickets/{taken}/assign"), json!({})).send(&tina).await.expect(200);
        let before = tina.all_pages("/v1/tickets", 100).await.len();
        let writes = |call: &Call| call.service == Service::DynamoDb && call.operation == "TransactWriteItems";
        wire.disturb(move |call| if writes(call) { fate } else { Fate::Pass });
        let attempted = [
            (&ana, opening()),
            (&ana, Request::post(format!("/v1/tickets/{taken}/comments"), json!({"body": "Hello?"}))),
            (&tina, Request::post(format!("/v1/tickets/{open}/assign"), json!({}))),
            (&tina, Request::post(format!("/v1/tickets/{open}/notes"), json!({"body": "Hm."}))),
        ];
        for response in join_all(attempted.iter().map(|(caller, request)| request.send(caller))).await {
            let response = response.expect_problem(503, "unavailable");
            assert!(response.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok()));
        }
        wire.calm();
        for (caller, request) in &attempted {
            let response = request.send(caller).await;
            assert!(response.status.is_success(), "{fate:?}: {request:?}: {}", response.body);
        }
        assert_eq!(tina.all_pages("/v1/tickets", 100).await.len(), before + 1, "{fate:?}");
        assert_sound(&tina, taken, 3).await;
        assert_sound(&tina, open, 2).await;
        assert_eq!(tina.all_pages(&format!("/v1/tickets/{open}/notes"), 10).await.len(), 1, "{fate:?}");
    }
    desk.assert_no_process_died();
}

/// The counts of a random run.
#[derive(Default)]
struct Tally {
    requests: AtomicU64,
    failures: AtomicU64,
    opened: AtomicU64,
    comments: AtomicU64,
}

impl Tally {
    /// Sends the request and keeps it for a retry if the response is 503. Any other response must
    /// be a success.
    async fn take(
        &self,
        request: &Request,
        caller: &Caller,
        unanswered: &mut Vec<(Request, Caller)>,
    ) -> Option<Response> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        let response = request.send(caller).await;
        if response.status.is_success() {
            return Some(response);
        }
        response.expect_problem(503, "unavailable");
        self.failures.fetch_add(1, Ordering::SeqCst);
        unanswered.push((request.clone(), caller.clone()));
        None
    }
}

/// Runs the work of one requester: opens tickets, comments on them and reads them.
async fn work(requester: &Caller, requests: usize, seed: u64, tally: &Tally) -> Vec<(Request, Caller)> {
    let (mut numbers, mut unanswered, mut own) = (Numbers(seed), Vec::new(), Vec::new());
    for _ in 0..requests {
        if own.is_empty() || numbers.one_in(4) {
            tally.opened.fetch_add(1, Ordering::SeqCst);
            let opened = tally.take(&opening(), requester, &mut unanswered).await;
            own.extend(opened.and_then(|ticket| ticket.body["number"].as_u64()));
            continue;
        }
        let number = own[numbers.below(own.len())];
        let path = format!("/v1/tickets/{number}");
        if numbers.one_in(2) {
            tally.comments.fetch_add(1, Ordering::SeqCst);
            let request = Request::post(format!("{path}/comments"), json!({"body": format!("Comment {}", unique())}));
            tally.take(&request, requester, &mut unanswered).await;
        } else {
            tally.requests.fetch_add(1, Ordering::SeqCst);
            let path = [path.clone(), format!("{path}/timeline"), "/v1/tickets".to_owned()][numbers.below(3)].clone();
            let response = requester.get(&path).await;
            if !response.status.is_success() {
                response.expect_problem(503, "unavailable");
                tally.failures.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
    unanswered
}

/// Lets requesters work concurrently while `percent` of the calls to the table meet a fault, and
/// then compares the result with the requests. Returns the number of requests and of failures.
async fn run(desk: &Desk, wire: &Wire, people: &[Caller], percent: usize, fates: &'static [Fate]) -> (u64, u64) {
    let (seed, requests) = (setting("FAULT_SEED", 2026), setting("FAULT_REQUESTS", 400_usize));
    let numbers = Mutex::new(Numbers(seed));
    let faults = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&faults);
    wire.disturb(move |call| {
        let mut numbers = numbers.lock().unwrap();
        if call.service != Service::DynamoDb || numbers.below(100) >= percent {
            return Fate::Pass;
        }
        counted.fetch_add(1, Ordering::SeqCst);
        fates[numbers.below(fates.len())]
    });
    let tally = Tally::default();
    let share = requests / people.len();
    let works = people.iter().zip(seed..).map(|(person, seed)| work(person, share, seed, &tally));
    let unanswered: Vec<_> = join_all(works).await.into_iter().flatten().collect();
    wire.calm();
    // Each request makes at least one call.
    assert!(faults.load(Ordering::SeqCst) >= requests * percent / 200, "hardly any call met a fault");
    for (request, caller) in unanswered {
        let response = request.send(&caller).await;
        assert!(response.status.is_success(), "{request:?}: {}", response.body);
    }
    let (mut tickets, mut comments) = (0, 0);
    for person in people {
        for ticket in person.all_pages("/v1/tickets", 100).await {
            let (number, entries) = (ticket["number"].as_u64().unwrap(), ticket["version"].as_u64().unwrap());
            assert_sound(person, number, usize::try_from(entries).unwrap()).await;
            let said = person.all_pages(&format!("/v1/tickets/{number}/comments"), 100).await;
            let mut bodies: Vec<String> = said.iter().map(|comment| comment["body"].to_string()).collect();
            bodies.sort_unstable();
            bodies.dedup();
            assert_eq!(bodies.len(), said.len(), "duplicate comment on ticket {number}");
            tickets += 1;
            comments += said.len() as u64;
        }
    }
    let asked = (tally.opened.load(Ordering::SeqCst), tally.comments.load(Ordering::SeqCst));
    assert_eq!((tickets, comments), asked, "what was stored, and what was requested");
    desk.assert_no_process_died();
    (tally.requests.load(Ordering::SeqCst), tally.failures.load(Ordering::SeqCst))
}

async fn random(percent: usize, fates: &'static [Fate]) -> (u64, u64) {
    let (desk, wire) = Desk::with_wire(4, |_| {}).await;
    let mut people = Vec::new();
    for name in ["Ana", "Bea", "Cai", "Dev"] {
        people.push(desk.user(name).await);
    }
    run(&desk, &wire, &people, percent, fates).await
}

const SHORTLY: Fate = Fate::Hold(Duration::from_millis(300));

/// Fails unless at least 99.9 % succeeded, or all but one in a short run.
fn assert_nearly_all((requests, failures): (u64, u64)) {
    println!("{failures} of {requests} requests failed");
    assert!(failures <= (requests / 1_000).max(1), "{failures} of {requests} requests failed");
}

#[tokio::test]
async fn with_10_percent_of_calls_throttled_nearly_all_requests_succeed() {
    assert_nearly_all(random(10, &[Fate::Throttle]).await);
}

#[tokio::test]
async fn with_30_percent_of_calls_throttled_nearly_all_requests_succeed() {
    assert_nearly_all(random(30, &[Fate::Throttle]).await);
}

#[tokio::test]
async fn with_30_percent_of_calls_failing_nearly_all_requests_succeed() {
    assert_nearly_all(random(30, &[Fate::Throttle, Fate::Break, Fate::LoseAnswer, SHORTLY]).await);
}

#[tokio::test]
async fn with_50_percent_of_calls_failing_nothing_is_duplicated_or_lost() {
    // The number of failures is not bounded, because the SDK stops retrying when hardly anything
    // succeeds.
    random(50, &[Fate::Throttle, Fate::Break, Fate::LoseAnswer]).await;
}

#[tokio::test]
async fn every_event_is_notified_even_when_the_queues_fail() {
    let (desk, wire) = Desk::with_wire(1, |_| {}).await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    let numbers = Mutex::new(Numbers(setting("FAULT_SEED", 2026)));
    wire.disturb(move |call| {
        let mut numbers = numbers.lock().unwrap();
        let meets = call.function.starts_with("workers-") && numbers.below(100) < 30;
        if meets { [Fate::Throttle, Fate::Break, Fate::LoseAnswer][numbers.below(3)] } else { Fate::Pass }
    });
    for _ in 0..30 {
        ana.post(&format!("/v1/tickets/{number}/comments"), json!({"body": "Hello?"})).await.expect(201);
    }
    eventually("every event is notified", || async { (desk.notifications_of(&tina).await.len() >= 30).then_some(()) })
        .await;
    wire.calm();
    assert_eq!(desk.notifications_of(&tina).await.len(), 30);
    desk.assert_no_process_died();
}
