//! `kill -9` at every call that a function makes: before it and after it. Nothing that happened is lost, nothing is invented, and
//! everybody is told what an undisturbed life tells them.
//!
//! `KILL_LIVES` makes that many lives with kills at random places, at one in `KILL_ONE_IN` calls, begun by `KILL_SEED`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use support::wire::{Call, Fate, Wire};

use crate::support::{Answer, Caller, Desk, Numbers, Receiver, eventually, setting, unique};

/// How long a caller waits for a function that may be dead.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// How often it is looked whether everybody is told.
const POLLED_EVERY: Duration = Duration::from_millis(100);
/// After how many looks dead letters are put back: some twenty seconds.
const POLLS_PER_REDRIVE: usize = 200;
/// How many looks there are at most: some five minutes.
const POLLS_MAX: usize = 3_000;
/// Calls of one function in one life that are looked at.
const PLACES: usize = 9;

/// What is asked in a life, and by whom.
const LIFE: [(bool, &str, &str); 6] = [
    (false, "", r#"{"title": "The printer jams", "description": "Every second page."}"#),
    (true, "/assign", "{}"),
    (false, "/comments", r#"{"body": "It still jams."}"#),
    (true, "/notes", r#"{"body": "Third time."}"#),
    (true, "/comments", r#"{"body": "On my way."}"#),
    (true, "/resolve", r#"{"resolution": "New drum."}"#),
];
/// The entries of its log, and what is told of it: to Ana, to Tina, and to the webhook.
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
        // So that what a killed consumer had comes again soon.
        let (desk, wire) = Desk::wired(1, |options| options.visibility_timeout = Some(Duration::from_secs(2))).await;
        let admin = desk.admin().await;
        let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
        let receiver = Receiver::open();
        admin.post("/v1/webhooks", json!({"url": receiver.url})).await.expect(201);
        Self { desk, wire, ana, tina, receiver }
    }

    /// A request under a key, repeated until it is answered, as a caller does whose connection dies.
    async fn ask(&self, caller: &Caller, path: &str, body: &str) -> Answer {
        let key = format!("key-{}", unique());
        let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
        eventually("the request is answered", async || {
            let body = body.as_bytes().to_vec();
            let sent = caller.try_send(Method::POST, path, &headers, body, ANSWER_WITHIN).await?;
            (sent.status != 503 && sent.status != 502 && sent.status != 500).then_some(sent)
        })
        .await
    }

    /// One life, and what is left of it.
    async fn live(&self, what: &str) {
        let mut number = 0;
        for (by_tina, path, body) in LIFE {
            let caller = if by_tina { &self.tina } else { &self.ana };
            let path = if path.is_empty() { "/v1/tickets".to_owned() } else { format!("/v1/tickets/{number}{path}") };
            let answer = self.ask(caller, &path, body).await;
            assert!(answer.status.is_success(), "{what}: {path}: {}", answer.body);
            number = answer.body["number"].as_u64().unwrap_or(number);
        }
        self.all_is_told(number, what).await;
        // What a killed consumer had comes again: only then is it known that it tells nobody twice.
        self.desk.quiet().await;
        self.assert_sound(number, what).await;
    }

    /// Waits until everybody is told. What a function was killed over too often is a dead letter, so these are put back now and then.
    async fn all_is_told(&self, number: u64, what: &str) {
        for poll in 1.. {
            if self.is_told(number).await {
                return;
            }
            assert!(poll < POLLS_MAX, "{what}: not everybody is told of ticket {number}");
            if poll % POLLS_PER_REDRIVE == 0 {
                for queue in ["events", "email", "webhooks"] {
                    self.desk.stack.invoke("workers-redrive", &json!({ "queue": queue })).await.unwrap();
                }
            }
            tokio::time::sleep(POLLED_EVERY).await;
        }
    }

    async fn is_told(&self, number: u64) -> bool {
        let enough = |found: &[String], expected: &[&str]| found.len() >= expected.len();
        enough(&self.told(&self.ana, number).await, &ANAS)
            && enough(&self.told(&self.tina, number).await, &TINAS)
            && enough(&distinct(self.mailed(&self.ana, number)), &ANAS)
            && enough(&distinct(self.mailed(&self.tina, number)), &TINAS)
            && self.posted(number).len() >= POSTED.len()
    }

    async fn assert_sound(&self, number: u64, what: &str) {
        let path = format!("/v1/tickets/{number}");
        let verified = self.tina.get(&format!("{path}/verify")).await.expect(200).body;
        assert_eq!((&verified["intact"], &verified["entries"]), (&json!(true), &json!(ENTRIES)), "{what}");
        assert_eq!(self.tina.all_pages(&format!("{path}/notes"), 10).await.len(), 1, "{what}");
        assert_eq!(self.told(&self.ana, number).await, ANAS, "{what}");
        assert_eq!(self.told(&self.tina, number).await, TINAS, "{what}");
        // SES has no key for a mail: killed between its answer and the note of it, a function sends that mail again.
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

    /// What somebody was told of a ticket, the first first.
    async fn told(&self, caller: &Caller, number: u64) -> Vec<String> {
        let told = self.desk.told(caller).await.into_iter().rev();
        told.filter(|(_, ticket, _)| *ticket == number).map(|(event, _, _)| event).collect()
    }

    /// The events somebody was mailed of, by their ids.
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

    /// What the receiver got of a ticket: type by id, once however often it was posted.
    fn posted(&self, number: u64) -> BTreeMap<String, String> {
        let requests = self.receiver.received().into_iter().map(|request| request.json());
        let of_ticket = requests.filter(|event| event["data"]["ticket"] == number);
        let text = |event: &Value, name: &str| event[name].as_str().unwrap().to_owned();
        of_ticket.map(|event| (text(&event, "id"), text(&event, "type").replace("helpdesk.ticket.", ""))).collect()
    }
}

/// Sorted ids, each once.
fn distinct(mut ids: Vec<String>) -> Vec<String> {
    ids.dedup();
    ids
}

/// Kills `function` at the call of that place, once.
fn kill_once(wire: &Wire, function: &'static str, place: usize, fate: Fate) -> Arc<AtomicUsize> {
    let made = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&made);
    wire.disturb(move |call: &Call| {
        if call.function == function && counted.fetch_add(1, Ordering::SeqCst) == place { fate } else { Fate::Pass }
    });
    made
}

/// The functions of a life, in groups that are killed side by side on desks of their own.
async fn killed_at_every_call(functions: &[&'static str]) {
    let scene = Scene::open().await;
    scene.live("undisturbed").await;
    for function in functions {
        for fate in [Fate::KillBefore, Fate::KillAfter] {
            for place in 0..PLACES {
                let made = kill_once(&scene.wire, function, place, fate);
                scene.live(&format!("{fate:?} at call {place} of {function}")).await;
                if made.load(Ordering::SeqCst) <= place {
                    break;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_request_killed_at_any_call_is_done_once_when_it_is_repeated() {
    killed_at_every_call(&["tickets-create", "tickets-assign", "comments-create", "notes-create", "tickets-resolve"])
        .await;
}

#[tokio::test]
async fn a_relay_or_notifier_killed_at_any_call_loses_nothing_and_tells_nothing_twice() {
    killed_at_every_call(&["workers-relay", "workers-notify"]).await;
}

#[tokio::test]
async fn a_channel_killed_at_any_call_loses_nothing() {
    killed_at_every_call(&["workers-email", "workers-webhooks"]).await;
}

/// Lives that are shorter together than a token is good for.
const LIVES_PER_TOKEN: usize = 10;

/// The functions that make a life, and those that tell of it.
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

/// The long form: lives in which now and then a call ends in a kill, of whatever function makes it.
#[tokio::test]
async fn however_often_functions_are_killed_everything_that_happened_is_told() {
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
            // Tokens are good for ten minutes.
            scene.ana = scene.desk.signed_in(scene.ana.clone()).await;
            scene.tina = scene.desk.signed_in(scene.tina.clone()).await;
        }
        scene.live(&format!("random life {life}")).await;
        println!("life {life}, {} kills", kills.load(Ordering::SeqCst));
    }
    println!("{lives} lives, {} kills", kills.load(Ordering::SeqCst));
}
