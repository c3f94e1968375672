//! `cargo bench --package helpdesk-bench-desk [-- TICKETS]`: how fast a help desk on one machine
//! answers while it is empty and when it holds 20,000 tickets, half of them resolved.
//!
//! The real functions, built with the release profile, behind `cargo lambda watch`, with the data
//! in a directory as `cargo local` keeps it. Clients, functions, engine and queues share the
//! machine. The tickets are made and resolved over HTTP on four connections, so that the workers
//! handle their events too. Each measurement begins when the workers have nothing left to do.
//!
//! Prints one line for each measurement, in columns that are separated by spaces. The progress goes
//! to the standard error.
#![expect(
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    reason = "a benchmark measures time and stops at the first surprise"
)]

#[path = "../functions.rs"]
mod functions;
#[path = "../store.rs"]
mod store;

mod cpu;
mod operation;
mod people;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cpu::Cpu;
use local::{DatabaseLocation, FunctionsMode, Stack, StackOptions, Start};
use operation::Operation;
use people::Desk;

/// The number of tickets by default.
const TICKETS: usize = 20_000;
/// The connections of the second measurement of each operation, and of the filling.
const CONNECTIONS: usize = 4;
/// The measured requests for each connection, and those before them that are not measured.
const REQUESTS: usize = 500;
const WARM_UP: usize = 50;
const FEWEST_TICKETS: usize = 2 * (2 * WARM_UP + REQUESTS * (1 + CONNECTIONS));

const FUNCTIONS: [&str; 14] = [
    "auth-login",
    "comments-create",
    "tickets-assign",
    "tickets-create",
    "tickets-get",
    "tickets-list",
    "tickets-reopen",
    "tickets-resolve",
    "timeline-get",
    "workers-accounts",
    "workers-email",
    "workers-notify",
    "workers-relay",
    "workers-webhooks",
];

fn main() {
    let tickets = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(TICKETS);
    assert!(tickets >= FEWEST_TICKETS, "measuring needs {FEWEST_TICKETS} tickets, half of which are reopened");
    // The name tells the CPU of the clients from that of the stack, which is in this process.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name(cpu::CLIENT)
        .enable_all()
        .build()
        .unwrap();
    // A task, because the main thread has another name.
    runtime.block_on(runtime.spawn(run(tickets))).unwrap();
}

async fn run(tickets: usize) {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let stack = start(directory.path()).await;
    let desk = Arc::new(Desk::open(&stack).await);
    println!(
        "{:<8} {:<9} {:>11} {:>8} {:>7} {:>7} {:>7} {:>9} {:>10} {:>12}",
        "desk",
        "operation",
        "connections",
        "requests",
        "p50_ms",
        "p99_ms",
        "per_s",
        "engine_ms",
        "gateway_ms",
        "functions_ms"
    );
    let empty = measure(&desk, "empty", Operation::Create, 1).await;
    fill(&desk, tickets).await;
    desk.prepare_timelines().await;
    let mut filled = None;
    for operation in Operation::ALL {
        for connections in [1, CONNECTIONS] {
            desk.sign_in().await;
            let p50 = measure(&desk, "filled", operation, connections).await;
            if operation == Operation::Create && connections == 1 {
                filled = Some(p50);
            }
        }
    }
    let ratio = filled.unwrap().as_secs_f64() / empty.as_secs_f64();
    println!("create at {tickets} tickets takes {ratio:.2} times as long as on an empty desk (p50, one connection)");
    stack.stop().await;
}

async fn start(directory: &Path) -> Stack {
    let benchmark = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let binaries = FUNCTIONS.map(|function| functions::build_beside(&benchmark, function));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let mut options = StackOptions::for_tests(root, binaries[0].parent().unwrap(), CONNECTIONS);
    options.database = DatabaseLocation::Directory { path: directory.to_owned(), fresh: true };
    options.log_file = Some(directory.join("functions.log"));
    options.parameters.insert("SignInsPerNetwork".to_owned(), "100000".to_owned());
    if let FunctionsMode::Binaries { only, start, .. } = &mut options.functions {
        *only = Some(FUNCTIONS.map(str::to_owned).to_vec());
        *start = Start::AtOnce;
    }
    Stack::start(options).await.unwrap()
}

/// Makes tickets until there are this many, half of them resolved.
async fn fill(desk: &Arc<Desk>, tickets: usize) {
    let begun = Instant::now();
    let created = desk.created();
    run_at_once(desk, Operation::Create, tickets.saturating_sub(created), CONNECTIONS).await;
    for operation in [Operation::Assign, Operation::Resolve] {
        desk.sign_in().await;
        run_at_once(desk, operation, tickets / 2, CONNECTIONS).await;
    }
    eprintln!("filled in {:.0} s", begun.elapsed().as_secs_f64());
}

/// Prints how long an operation takes, and returns the median.
async fn measure(desk: &Arc<Desk>, label: &str, operation: Operation, connections: usize) -> Duration {
    run_at_once(desk, operation, WARM_UP, connections).await;
    cpu::until_idle().await;
    let requests = REQUESTS * connections;
    let (before, begun) = (Cpu::now(), Instant::now());
    let mut times = run_at_once(desk, operation, requests, connections).await;
    let (elapsed, used) = (begun.elapsed(), Cpu::now().since(&before));
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    let each = |time: Duration| time.as_secs_f64() * 1e3 / requests as f64;
    println!(
        "{label:<8} {:<9} {connections:>11} {requests:>8} {:>7.2} {:>7.2} {:>7.0} {:>9.2} {:>10.2} {:>12.2}",
        operation.name(),
        at(50).as_secs_f64() * 1e3,
        at(99).as_secs_f64() * 1e3,
        requests as f64 / elapsed.as_secs_f64(),
        each(used.engine),
        each(used.gateway),
        each(used.functions),
    );
    at(50)
}

/// Sends this many requests and returns the time of each. A connection sends its next request when
/// it has the response to the one before.
async fn run_at_once(desk: &Arc<Desk>, operation: Operation, requests: usize, connections: usize) -> Vec<Duration> {
    let left = Arc::new(AtomicUsize::new(requests));
    let clients: Vec<_> = (0..connections)
        .map(|_| {
            let (desk, left) = (Arc::clone(desk), Arc::clone(&left));
            tokio::spawn(async move {
                let client = local::http::Client::default();
                let mut times = Vec::new();
                while let Ok(before) =
                    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                {
                    if before.is_multiple_of(2_000) {
                        eprintln!("{} of {requests}: {before} left", operation.name());
                    }
                    times.push(desk.perform(&client, operation).await);
                }
                times
            })
        })
        .collect();
    let mut times = Vec::with_capacity(requests);
    for client in clients {
        times.extend(client.await.unwrap());
    }
    times
}
