//! `kill -9` at every call that a function makes, before it and after it. Nothing that happened is
//! lost, nothing is invented, and everyone is notified as in an undisturbed life of a ticket.
//!
//! `KILL_LIVES` sets the number of lives with kills at random calls, `KILL_ONE_IN` how rare they
//! are, and `KILL_SEED` the random seed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};
use support::wire::{Call, Fate, Wire};

use crate::support::{Caller, Desk, Numbers, Receiver, Response, eventually, setting, unique};

/// How long a caller waits for a function that may be dead.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);
/// The pause between checks of whether everyone is notified.
const POLLED_EVERY: Duration = Duration::from_millis(100);
/// The number of checks after which dead letters are redriven, about twenty seconds.
const POLLS_PER_REDRIVE: usize = 200;
/// The maximum number of checks, about five minutes.
const POLLS_MAX: usize = 3_000;
/// The calls of one function in one life that are disturbed.
const PLACES: usize = 9;

/// The requests of a life: whether Tina sends them, the path and the body.
const LIFE: [(bool, &str, &str); 6] = [
    (false, "", r#"{"title": "The printer jams", "description": "Every second page."}"#),
    (true, "/assign", "{}"),
    (false, "/comments", r#"{"body": "It still jams."}"#),
    (true, "/notes", r#"{"body": "Third time."}"#),
    (true, "/comments", r#"{"body": "On my way."}"#),
    (true, "/resolve", r#"{"resolution": "New drum."}"#),
];
/// The entries of its log, and the events that Ana, Tina and the webhook are notified of.
const ENTRIES: usize = 5;
const ANAS: [&str; 3] = ["assigned", "commented", "resolved"];
const TINAS: [&str; 1] = ["commented"];
const POSTED: [&str; 5] = ["opened", "assigned", "commented", "commented", "resolved"];

struct Scene {
    desk: Desk,
    wire: Wire,
    ana: Caller,
    tina: Caller,
    receiver: Receiver,
}

impl Scene {
    async fn open() -> Self {
        // The messages of a killed consumer come again soon.
        let (desk, wire) =
            Desk::with_wire(1, |options| options.visibility_timeout = Some(Duration::from_secs(2))).await;
        let admin = desk.admin().await;
        let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
        let receiver = Receiver::open();
        admin.post("/v1/webhooks", json!({"url": receiver.url})).await.expect(201);
        Self { desk, wire, ana, tina, receiver }
    }

    /// Sends a request with an idempotency key until it is answered, as a caller does whose
    /// connection breaks.
    async fn send_until_answered(&self, caller: &Caller, path: &str, body: &str) -> Response {
        let key = format!("key-{}", unique());
        let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
        eventually("the request is answered", async || {
            let body = body.as_bytes().to_vec();
            let sent = caller.try_send(Method::POST, path, &headers, body, RESPONSE_TIMEOUT).await?;
            (sent.status != 503 && sent.status != 502 && sent.status != 500).then_some(sent)
        })
        .await
    }

    /// Runs one life and checks its results.
    async fn run_life(&self, what: &str) {
        let mut number = 0;
        for (by_tina, path, body) in LIFE {
            let caller = if by_tina { &self.tina } else { &self.ana };
            let path = if path.is_empty() { "/v1/tickets".to_owned() } else { format!("/v1/tickets/{number}{path}") };
            let response = self.send_until_answered(caller, &path, body).await;
            assert!(response.status.is_success(), "{what}: {path}: {}", response.body);
            number = response.body["number"].as_u64().unwrap_or(number);
        }
        self.wait_until_notified(number, what).await;
        // The messages of a killed consumer come again. Only then is it certain that there are no
        // duplicate notifications.
        self.desk.wait_until_idle().await;
        self.assert_sound(number, what).await;
    }

    /// Waits until everyone is notified. A message whose function was killed too often becomes a
    /// dead letter, so dead letters are redriven now and then.
    async fn wait_until_notified(&self, number: u64, what: &str) {
        for poll in 1.. {
            if self.is_notified(number).await {
                return;
            }
            assert!(poll < POLLS_MAX, "{what}: not everyone is notified of ticket {number}");
            if poll % POLLS_PER_REDRIVE == 0 {
                for queue in ["events", "email", "webhooks"] {
                    self.desk.stack.invoke("workers-redrive", &json!({ "queue": queue })).await.unwrap();
                }
            }
            tokio::time::sleep(POLLED_EVERY).await;
        }
    }

    async fn is_notified(&self, number: u64) -> bool {
        let enough = |found: &[String], expected: &[&str]| found.len() >= expected.len();
        // First what takes no request.
        self.posted(number).len() >= POSTED.len()
            && enough(&distinct(self.mailed(&self.ana, number)), &ANAS)
            && enough(&distinct(self.mailed(&self.tina, number)), &TINAS)
            && enough(&self.notified_of(&self.ana, number).await, &ANAS)
            && enough(&self.notified_of(&self.tina, number).await, &TINAS)
    }

    async fn assert_sound(&self, number: u64, what: &str) {
        let path = format!("/v1/tickets/{number}");
        let verified = self.tina.get(&format!("{path}/verify")).await.expect(200).body;
        assert_eq!((&verified["intact"], &verified["entries"]), (&json!(true), &json!(ENTRIES)), "{what}");
        assert_eq!(self.tina.all_pages(&format!("{path}/notes"), 10).await.len(), 1, "{what}");
        assert_eq!(self.notified_of(&self.ana, number).await, ANAS, "{what}");
        assert_eq!(self.notified_of(&self.tina, number).await, TINAS, "{what}");
        // SES has no idempotency key. A function that is killed between the response of SES and its
        // record of it sends the mail again.
        let may_repeat = what.contains("workers-email") || what.contains("random");
        for (mut mailed, expected) in
            [(self.mailed(&self.ana, number), ANAS.to_vec()), (self.mailed(&self.tina, number), TINAS.to_vec())]
        {
            if may_repeat {
                mailed.dedup();
            }
            assert_eq!(mailed.len(), expected.len(), "{what}: {mailed:?}");
        }
        let mut types: Vec<String> = self.posted(number).into_values().collect();
        types.sort_unstable();
        let mut expected = POSTED.to_vec();
        expected.sort_unstable();
        assert_eq!(types, expected, "{what}: each event under one id");
        self.desk.assert_no_process_died();
    }

    /// Returns the events that a caller was notified of on a ticket, oldest first.
    async fn notified_of(&self, caller: &Caller, number: u64) -> Vec<String> {
        let notifications = self.desk.notifications_of(caller).await.into_iter().rev();
        notifications.filter(|(_, ticket, _)| *ticket == number).map(|(event, _, _)| event).collect()
    }

    /// Returns the ids of the events that a caller was mailed about.
    fn mailed(&self, caller: &Caller, number: u64) -> Vec<String> {
        let subject = format!("[#{number}] ");
        let mails = self.desk.mails_to(&caller.email).into_iter().filter(|mail| mail.subject.starts_with(&subject));
        let event = |mail: local::mails::Mail| {
            mail.headers.into_iter().find(|(name, _)| name == "X-Helpdesk-Event").map(|(_, event)| event)
        };
        let mut events: Vec<String> = mails.filter_map(event).collect();
        events.sort_unstable();
        events
    }

    /// Returns the events of a ticket that the receiver got: the type by id, once however often it
    /// was posted.
    fn posted(&self, number: u64) -> BTreeMap<String, String> {
        let requests = self.receiver.received().into_iter().map(|request| request.json());
        let of_ticket = requests.filter(|event| event["data"]["ticket"] == number);
        let text = |event: &Value, name: &str| event[name].as_str().unwrap().to_owned();
        of_ticket.map(|event| (text(&event, "id"), text(&event, "type").replace("helpdesk.ticket.", ""))).collect()
    }
}

/// Removes duplicates from sorted ids.
fn distinct(mut ids: Vec<String>) -> Vec<String> {
    ids.dedup();
    ids
}

/// Kills `function` once, at its call number `place`.
fn kill_once(wire: &Wire, function: &'static str, place: usize, fate: Fate) -> Arc<AtomicUsize> {
    let made = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&made);
    wire.disturb(move |call: &Call| {
        if call.function == function && counted.fetch_add(1, Ordering::SeqCst) == place { fate } else { Fate::Pass }
    });
    made
}

/// Runs a life for each call of each of these functions, with a kill before and after that call.
/// Each function and moment has a desk of its own, because most of a life is waiting.
async fn killed_at_every_call(functions: &[&'static str]) {
    let fates = [Fate::KillBefore, Fate::KillAfter];
    let cases = functions.iter().flat_map(|function| fates.map(|fate| killed_at_every_call_of(function, fate)));
    join_all(cases).await;
}

async fn killed_at_every_call_of(function: &'static str, fate: Fate) {
    let scene = Scene::open().await;
    for place in 0..PLACES {
        let made = kill_once(&scene.wire, function, place, fate);
        scene.run_life(&format!("{fate:?} at call {place} of {function}")).await;
        if made.load(Ordering::SeqCst) <= place {
            // The last life was not disturbed.
            return;
        }
    }
}

#[tokio::test]
async fn a_request_killed_at_any_call_takes_effect_once_when_retried() {
    killed_at_every_call(&["tickets-create", "tickets-assign", "comments-create", "notes-create", "tickets-resolve"])
        .await;
}

#[tokio::test]
async fn a_relay_or_notifier_killed_at_any_call_loses_and_duplicates_nothing() {
    killed_at_every_call(&["workers-relay", "workers-notify"]).await;
}

#[tokio::test]
async fn a_channel_killed_at_any_call_loses_nothing() {
    killed_at_every_call(&["workers-email", "workers-webhooks"]).await;
}

/// The number of lives that fit into the lifetime of a token.
const LIVES_PER_TOKEN: usize = 10;

/// The functions that a life calls, and those that notify of it.
const OF_A_LIFE: [&str; 9] = [
    "tickets-create",
    "tickets-assign",
    "comments-create",
    "notes-create",
    "tickets-resolve",
    "workers-relay",
    "workers-notify",
    "workers-email",
    "workers-webhooks",
];

/// The long form: in these lives a call of any function may end in a kill.
#[tokio::test]
async fn however_often_functions_are_killed_every_event_is_notified() {
    let (lives, seed, one_in) =
        (setting("KILL_LIVES", 2_usize), setting("KILL_SEED", 2026), setting("KILL_ONE_IN", 40_usize));
    let mut scene = Scene::open().await;
    let (numbers, kills) = (Mutex::new(Numbers(seed)), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&kills);
    scene.wire.disturb(move |call| {
        let mut numbers = numbers.lock().unwrap();
        if !OF_A_LIFE.contains(&call.function.as_str()) || !numbers.one_in(one_in) {
            return Fate::Pass;
        }
        counted.fetch_add(1, Ordering::SeqCst);
        [Fate::KillBefore, Fate::KillAfter][numbers.below(2)]
    });
    for life in 0..lives {
        if life % LIVES_PER_TOKEN == LIVES_PER_TOKEN - 1 {
            // Tokens are valid for ten minutes.
            scene.ana = scene.desk.signed_in(scene.ana.clone()).await;
            scene.tina = scene.desk.signed_in(scene.tina.clone()).await;
        }
        scene.run_life(&format!("random life {life}")).await;
        println!("life {life}, {} kills", kills.load(Ordering::SeqCst));
    }
    println!("{lives} lives, {} kills", kills.load(Ordering::SeqCst));
}
