//! Faults between the functions and the table: throttled, broken, answered late or never. Nothing may be made twice, lost or left
//! half done, and with three of ten calls failing nearly every request still succeeds.
//!
//! `FAULT_SEED` and `FAULT_REQUESTS` replay or prolong the random runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use local::wire::{Call, Fate, Service, Wire};
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Desk, Numbers, eventually, setting, unique};

async fn wired(instances: usize) -> (Desk, Wire) {
    let wire = Wire::default();
    let put_in = wire.clone();
    let desk = Desk::with(instances, |mut options| {
        options.wire = Some(put_in);
        options
    });
    (desk.await, wire)
}

/// A request under a key of its own.
#[derive(Clone, Debug)]
struct Ask {
    method: Method,
    path: String,
    body: Value,
    if_match: Option<String>,
    key: String,
}

impl Ask {
    fn post(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::POST, path: path.into(), body, if_match: None, key: format!("key-{}", unique()) }
    }

    async fn send(&self, caller: &Caller) -> Answer {
        let mut headers = vec![("content-type", "application/json")];
        match &self.if_match {
            Some(tag) => headers.push(("if-match", tag)),
            None => headers.push(("idempotency-key", &self.key)),
        }
        caller.send(self.method.clone(), &self.path, &headers, self.body.to_string().into_bytes()).await
    }
}

fn opening() -> Ask {
    Ask::post("/v1/tickets", json!({"title": "The printer jams", "description": "Every second page."}))
}

/// The functions that change a ticket in the life below, in turn, with what makes them.
const LIFE: [(&str, bool, &str, &str); 9] = [
    ("tickets-assign", true, "/assign", "{}"),
    ("comments-create", false, "/comments", r#"{"body": "It still jams."}"#),
    ("notes-create", true, "/notes", r#"{"body": "Third time."}"#),
    ("tickets-update", true, "", r#"{"title": "The printer jams again"}"#),
    ("tickets-release", true, "/release", "{}"),
    ("tickets-assign", true, "/assign", "{}"),
    ("tickets-resolve", true, "/resolve", r#"{"resolution": "New drum."}"#),
    ("tickets-reopen", false, "/reopen", "{}"),
    ("comments-create", true, "/comments", r#"{"body": "On my way."}"#),
];

/// Lets the call of that place which the function makes to the table meet `fate`, once. The answer says whether it was made.
fn once(wire: &Wire, function: &'static str, place: usize, fate: Fate) -> Arc<AtomicUsize> {
    let made = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&made);
    wire.disturb(move |call| {
        let counts = call.function == function && call.service == Service::DynamoDb;
        if counts && counted.fetch_add(1, Ordering::SeqCst) == place { fate } else { Fate::Pass }
    });
    made
}

/// The ticket's log: its entries in order without gap or twin, that many of them, and verified.
async fn assert_sound(caller: &Caller, number: u64, entries: usize) {
    let path = format!("/v1/tickets/{number}");
    let timeline = caller.all_pages(&format!("{path}/timeline"), 100).await;
    let seqs: Vec<u64> = timeline.iter().filter_map(|item| item["seq"].as_u64()).collect();
    assert_eq!(seqs, (1..=entries as u64).collect::<Vec<_>>(), "ticket {number}");
    let verified = caller.get(&format!("{path}/verify")).await.expect(200).body;
    assert_eq!((&verified["intact"], &verified["entries"]), (&json!(true), &json!(entries)), "ticket {number}");
}

/// The life of a ticket in which the call of that place of every request meets `fate`. Whether any request makes that many.
async fn live(desk: &Desk, wire: &Wire, ana: &Caller, tina: &Caller, place: usize, fate: Fate) -> bool {
    let made = once(wire, "tickets-create", place, fate);
    let number = opening().send(ana).await.expect(201).body["number"].as_u64().unwrap();
    let mut met = made.load(Ordering::SeqCst) > place;
    let mut entries = 1;
    for (function, by_technician, path, body) in LIFE {
        let caller = if by_technician { tina } else { ana };
        let mut ask = Ask::post(format!("/v1/tickets/{number}{path}"), serde_json::from_str(body).unwrap());
        if path.is_empty() {
            ask = Ask { method: Method::PATCH, if_match: Some(format!("\"{entries}\"")), ..ask };
        }
        let made = once(wire, function, place, fate);
        let answer = ask.send(caller).await;
        assert!(answer.status.is_success(), "{fate:?} at call {place} of {function}: {}", answer.body);
        met |= made.load(Ordering::SeqCst) > place;
        entries += usize::from(function != "notes-create");
    }
    wire.calm();
    assert_sound(tina, number, entries).await;
    let notes = tina.all_pages(&format!("/v1/tickets/{number}/notes"), 10).await;
    assert_eq!(notes.len(), 1, "{fate:?} at call {place}");
    desk.assert_no_process_died();
    met
}

#[tokio::test]
async fn one_fault_at_any_call_of_any_request_changes_nothing_for_the_caller() {
    let (desk, wire) = wired(1).await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let mut tickets = 0;
    for fate in [Fate::LoseAnswer, Fate::Break, Fate::Throttle] {
        let mut place = 0;
        while live(&desk, &wire, &ana, &tina, place, fate).await {
            place += 1;
        }
        assert!(place > 3, "requests make several calls");
        tickets += place + 1;
    }
    assert_eq!(tina.all_pages("/v1/tickets", 100).await.len(), tickets, "no ticket was opened twice");
}

#[tokio::test]
async fn when_the_table_does_not_come_back_in_time_the_answer_is_503_and_the_same_request_later_is_done_once() {
    let (desk, wire) = wired(1).await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    for fate in [Fate::LoseAnswer, Fate::Break, Fate::Throttle, Fate::Hold(Duration::from_secs(4))] {
        let taken = opening().send(&ana).await.expect(201).body["number"].as_u64().unwrap();
        let open = opening().send(&ana).await.expect(201).body["number"].as_u64().unwrap();
        Ask::post(format!("/v1/tickets/{taken}/assign"), json!({})).send(&tina).await.expect(200);
        let before = tina.all_pages("/v1/tickets", 100).await.len();
        let writes = |call: &Call| call.service == Service::DynamoDb && call.operation == "TransactWriteItems";
        wire.disturb(move |call| if writes(call) { fate } else { Fate::Pass });
        let asks = [
            (&ana, opening()),
            (&ana, Ask::post(format!("/v1/tickets/{taken}/comments"), json!({"body": "Hello?"}))),
            (&tina, Ask::post(format!("/v1/tickets/{open}/assign"), json!({}))),
            (&tina, Ask::post(format!("/v1/tickets/{open}/notes"), json!({"body": "Hm."}))),
        ];
        for answer in join_all(asks.iter().map(|(caller, ask)| ask.send(caller))).await {
            let answer = answer.expect_problem(503, "unavailable");
            assert!(answer.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok()));
        }
        wire.calm();
        for (caller, ask) in &asks {
            let answer = ask.send(caller).await;
            assert!(answer.status.is_success(), "{fate:?}: {ask:?}: {}", answer.body);
        }
        assert_eq!(tina.all_pages("/v1/tickets", 100).await.len(), before + 1, "{fate:?}");
        assert_sound(&tina, taken, 3).await;
        assert_sound(&tina, open, 2).await;
        assert_eq!(tina.all_pages(&format!("/v1/tickets/{open}/notes"), 10).await.len(), 1, "{fate:?}");
    }
    desk.assert_no_process_died();
}

/// What came of a random run.
#[derive(Default)]
struct Tally {
    requests: AtomicU64,
    failures: AtomicU64,
    opened: AtomicU64,
    comments: AtomicU64,
}

impl Tally {
    /// Sends it, and once the table is well again repeats what was answered with 503. Anything else must have succeeded.
    async fn take(&self, ask: &Ask, caller: &Caller, unanswered: &mut Vec<(Ask, Caller)>) -> Option<Answer> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        let answer = ask.send(caller).await;
        if answer.status.is_success() {
            return Some(answer);
        }
        answer.expect_problem(503, "unavailable");
        self.failures.fetch_add(1, Ordering::SeqCst);
        unanswered.push((ask.clone(), caller.clone()));
        None
    }
}

/// One requester's work: open tickets, comment on them, look at them.
async fn work(requester: &Caller, requests: usize, seed: u64, tally: &Tally) -> Vec<(Ask, Caller)> {
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
            let ask = Ask::post(format!("{path}/comments"), json!({"body": format!("Comment {}", unique())}));
            tally.take(&ask, requester, &mut unanswered).await;
        } else {
            tally.requests.fetch_add(1, Ordering::SeqCst);
            let path = [path.clone(), format!("{path}/timeline"), "/v1/tickets".to_owned()][numbers.below(3)].clone();
            let answer = requester.get(&path).await;
            tally.failures.fetch_add(u64::from(!answer.status.is_success()), Ordering::SeqCst);
        }
    }
    unanswered
}

/// Lets requesters work at the same time while every `percent`-th call to the table meets a fault, and then holds what there is
/// against what was asked. Gives the requests that failed.
async fn run(desk: &Desk, wire: &Wire, people: &[Caller], percent: usize, fates: &'static [Fate]) -> (u64, u64) {
    let (seed, requests) = (setting("FAULT_SEED", 2026), setting("FAULT_REQUESTS", 400_usize));
    // Shown only when the test fails.
    println!("FAULT_SEED={seed}, {percent} % of calls meet one of {fates:?}");
    let numbers = std::sync::Mutex::new(Numbers(seed));
    wire.disturb(move |call| {
        let mut numbers = numbers.lock().unwrap();
        let meets = call.service == Service::DynamoDb && numbers.below(100) < percent;
        if meets { fates[numbers.below(fates.len())] } else { Fate::Pass }
    });
    let tally = Tally::default();
    let share = requests / people.len();
    let works = people.iter().zip(seed..).map(|(person, seed)| work(person, share, seed, &tally));
    let unanswered: Vec<_> = join_all(works).await.into_iter().flatten().collect();
    wire.calm();
    for (ask, caller) in unanswered {
        let answer = ask.send(&caller).await;
        assert!(answer.status.is_success(), "{ask:?}: {}", answer.body);
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
            assert_eq!(bodies.len(), said.len(), "a comment was made twice on ticket {number}");
            tickets += 1;
            comments += said.len() as u64;
        }
    }
    let asked = (tally.opened.load(Ordering::SeqCst), tally.comments.load(Ordering::SeqCst));
    assert_eq!((tickets, comments), asked, "what there is, and what was asked for");
    desk.assert_no_process_died();
    (tally.requests.load(Ordering::SeqCst), tally.failures.load(Ordering::SeqCst))
}

async fn random(percent: usize, fates: &'static [Fate]) -> (u64, u64) {
    let (desk, wire) = wired(4).await;
    let mut people = Vec::new();
    for name in ["Ana", "Bea", "Cai", "Dev"] {
        people.push(desk.user(name).await);
    }
    run(&desk, &wire, &people, percent, fates).await
}

const SHORTLY: Fate = Fate::Hold(Duration::from_millis(300));

/// At least 99.9 % of them.
fn assert_nearly_all((requests, failures): (u64, u64)) {
    println!("{failures} of {requests} requests failed");
    assert!(failures * 1_000 <= requests, "{failures} of {requests} requests failed");
}

#[tokio::test]
async fn with_one_in_ten_calls_throttled_nearly_all_requests_succeed() {
    assert_nearly_all(random(10, &[Fate::Throttle]).await);
}

#[tokio::test]
async fn with_three_in_ten_calls_throttled_nearly_all_requests_succeed() {
    assert_nearly_all(random(30, &[Fate::Throttle]).await);
}

#[tokio::test]
async fn with_three_in_ten_calls_failing_in_any_way_nearly_all_requests_succeed() {
    assert_nearly_all(random(30, &[Fate::Throttle, Fate::Break, Fate::LoseAnswer, SHORTLY]).await);
}

#[tokio::test]
async fn with_half_of_the_calls_failing_nothing_is_made_twice_or_lost() {
    random(50, &[Fate::Throttle, Fate::Break, Fate::LoseAnswer]).await;
}

#[tokio::test]
async fn what_happened_is_told_once_although_the_queues_fail_too() {
    let (desk, wire) = wired(1).await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    tina.post_nothing(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    let numbers = std::sync::Mutex::new(Numbers(setting("FAULT_SEED", 2026)));
    wire.disturb(move |call| {
        let mut numbers = numbers.lock().unwrap();
        let meets = call.function.starts_with("workers-") && numbers.below(100) < 30;
        if meets { [Fate::Throttle, Fate::Break, Fate::LoseAnswer][numbers.below(3)] } else { Fate::Pass }
    });
    for _ in 0..30 {
        ana.post(&format!("/v1/tickets/{number}/comments"), json!({"body": "Hello?"})).await.expect(201);
    }
    eventually("everything is told", || async { (desk.told(&tina).await.len() >= 30).then_some(()) }).await;
    wire.calm();
    assert_eq!(desk.told(&tina).await.len(), 30);
    desk.assert_no_process_died();
}
