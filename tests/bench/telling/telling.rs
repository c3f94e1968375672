//! `cargo bench --package helpdesk-bench-telling [-- EVENTS]`: how many events a second pass from
//! the log through relay and notifier into inboxes on the local stack, and how long after its
//! commit each arrives.
//!
//! The real functions, built with the release profile, with one process of the relay and four of
//! the notifier, on the embedded engine and queues, which share the machine with them. First the
//! events of a hundred tickets are committed while the relay is stopped, and the backlog is
//! processed. Then events are committed at a steady pace, and each is awaited.
#![expect(
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark measures time and stops at the first surprise"
)]

#[path = "../content.rs"]
mod content;
#[path = "../functions.rs"]
mod functions;
#[path = "../store.rs"]
mod store;

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use domain::id::EventId;
use domain::permission::Actor;
use domain::text::CommentBody;
use domain::ticket::Ticket;
use domain::user::{Person, Role};
use edges::clock;
use edges::store::Store;
use local::{FunctionsMode, Stack, StackOptions};
use serde_json::json;

/// The number of events by default.
const EVENTS: usize = 2_000;
/// The number of tickets, which is also the number of message groups.
const TICKETS: usize = 100;
/// Events a second at the steady pace.
const PACE: u32 = 20;
const PROCESSES: usize = 4;

#[tokio::main]
async fn main() {
    let events = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(EVENTS);
    let benchmark = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let only = ["workers-relay", "workers-notify", "workers-email", "workers-webhooks"];
    let mut binaries = benchmark.clone();
    for function in only {
        binaries = functions::build_beside(&benchmark, function);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let mut options = StackOptions::for_tests(root, binaries.parent().unwrap(), PROCESSES);
    if let FunctionsMode::Binaries { only: started, .. } = &mut options.functions {
        *started = Some(only.map(str::to_owned).to_vec());
    }
    let stack = Stack::start(options).await.unwrap();
    let store = store::of(&stack);
    let ana = content::account(&store, "Ana", Role::User).await.person();
    let tina = content::account(&store, "Tina", Role::Technician).await.person();
    let mut tickets = Vec::new();
    for number in (1..).take(TICKETS) {
        let body = json!({"title": "The printer jams", "description": "Every second page."});
        tickets.push(content::taken(&store, number, body, &ana, &tina).await);
    }
    let inbox = inbox_of(&store, &ana, TICKETS).await;
    println!("{} events to warm up", inbox.len());
    backlog(&stack, &store, &mut tickets, &ana, &tina, events).await;
    steady(&store, &mut tickets, &ana, &tina, events.min(600)).await;
    stack.stop().await;
}

/// Stores a comment of Tina on the next ticket, of which Ana is notified.
async fn comment(store: &Store, tickets: &mut [Ticket], place: usize, tina: &Person) -> EventId {
    let ticket = &mut tickets[place % TICKETS];
    let body = CommentBody::parse("On my way.".to_owned()).unwrap();
    let change = ticket.clone().comment(body, Actor::of(tina), [clock::stamp(), clock::stamp()]).unwrap();
    store.commit(&change, None).await.unwrap();
    *ticket = change.ticket;
    change.entries[0].id
}

/// Waits until Ana's inbox has this many notifications and returns their ids.
async fn inbox_of(store: &Store, ana: &Person, count: usize) -> Vec<EventId> {
    loop {
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let page = store.inbox(ana, false, clock::now(), after.as_deref(), 1_000).await.unwrap();
            ids.extend(page.items.into_iter().map(|notification| notification.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        if ids.len() >= count {
            return ids;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn backlog(stack: &Stack, store: &Store, tickets: &mut [Ticket], ana: &Person, tina: &Person, events: usize) {
    let before = inbox_of(store, ana, 0).await.len();
    let instances = stack.instances().unwrap();
    instances.hold("workers-relay").await.unwrap();
    for place in 0..events {
        comment(store, tickets, place, tina).await;
    }
    let begun = Instant::now();
    instances.resume("workers-relay").await.unwrap();
    inbox_of(store, ana, before + events).await;
    let taken = begun.elapsed();
    println!(
        "backlog: {events} events in {:.2} s, {:.0} a second",
        taken.as_secs_f64(),
        events as f64 / taken.as_secs_f64()
    );
}

async fn steady(store: &Store, tickets: &mut [Ticket], ana: &Person, tina: &Person, events: usize) {
    let (mut committed, mut lags): (HashMap<EventId, Instant>, Vec<Duration>) = (HashMap::new(), Vec::new());
    let begun = Instant::now();
    let mut place = 0;
    while lags.len() < events {
        if place < events && begun.elapsed() >= Duration::from_secs(1) / PACE * u32::try_from(place).unwrap() {
            committed.insert(comment(store, tickets, place, tina).await, Instant::now());
            place += 1;
        }
        // The newest items of the inbox: at this pace only a few are new.
        let newest = store.inbox(ana, false, clock::now(), None, 25).await.unwrap().items;
        for notification in newest {
            lags.extend(committed.remove(&notification.id).map(|at| at.elapsed()));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    lags.sort_unstable();
    let at = |share: usize| lags[(lags.len() * share / 100).min(lags.len() - 1)].as_secs_f64() * 1_000.0;
    println!(
        "steady, {PACE} a second: lag p50 {:.0} ms, p99 {:.0} ms, longest {:.0} ms, of {events}",
        at(50),
        at(99),
        at(100)
    );
}
