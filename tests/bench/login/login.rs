//! `cargo bench --package helpdesk-bench-login [-- PAIRS]`: whether the duration of a refused
//! sign-in reveals if an account exists.
//!
//! The real function, on the embedded engine, is invoked in turns for known addresses with a wrong
//! password and for unknown addresses. Each address is tried four times, so that no attempt has to
//! wait, and each pair comes from a network of its own. The output has the medians and Welch's t:
//! above 5 in absolute value the two very likely differ (dudect, "Dude, is my code constant
//! time?").
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

use std::path::Path;
use std::time::{Duration, Instant};

use domain::id::UserId;
use domain::text::PersonName;
use domain::user::{EmailAddress, Password, Role, User};
use edges::clock;
use local::{FunctionsMode, Stack, StackOptions};
use serde_json::{Value, json};

/// The number of measured pairs by default.
const PAIRS: usize = 2_000;
/// The number of pairs before them that are not measured.
const WARM_UP: usize = 20;
/// The prefixes of the addresses of accounts and of unknown addresses, equally long.
const KINDS: [&str; 2] = ["known", "never"];
/// The number of free attempts at one address, minus one.
const TRIES_PER_ADDRESS: usize = 4;

#[tokio::main]
async fn main() {
    let pairs = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(PAIRS);
    // target/release/deps/login-<hash>: the functions are built one directory higher.
    let benchmark = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let binary = functions::build_beside(&benchmark, "auth-login");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let mut options = StackOptions::for_tests(root, binary.parent().unwrap(), 1);
    if let FunctionsMode::Binaries { only, .. } = &mut options.functions {
        *only = Some(vec!["auth-login".to_owned()]);
    }
    let stack = Stack::start(options).await.unwrap();
    register_all(&stack, (WARM_UP + pairs) / TRIES_PER_ADDRESS + 1).await;
    let mut times = [Vec::new(), Vec::new()];
    for pair in 0..WARM_UP + pairs {
        // The first of a pair may find colder caches, so they take turns.
        for kind in if pair % 2 == 0 { [0, 1] } else { [1, 0] } {
            let taken = sign_in(&stack, KINDS[kind], pair).await;
            times[kind].extend((pair >= WARM_UP).then_some(taken));
        }
        if (pair + 1) % 500 == 0 {
            eprintln!("{} of {} pairs", pair + 1, WARM_UP + pairs);
        }
    }
    let [known, unknown] = times;
    println!("{pairs} pairs of refused sign-ins, interleaved");
    println!("wrong password:  median {:.3} ms", median(&known));
    println!("unknown address: median {:.3} ms", median(&unknown));
    println!("difference of the medians: {:.2} %", (median(&known) / median(&unknown) - 1.0) * 100.0);
    println!("Welch's t: {:.2}", welch_t(&known, &unknown));
    stack.stop().await;
}

/// Registers this many accounts with the same password hash.
async fn register_all(stack: &Stack, count: usize) {
    let store = store::of(stack);
    let password = Password::parse("correct horse battery").unwrap();
    let hash = edges::auth::password::hash(&password).unwrap();
    for number in 0..count {
        let now = clock::now();
        let name = PersonName::parse("Known".to_owned()).unwrap();
        let email = EmailAddress::parse(&address(KINDS[0], number)).unwrap();
        let user = User::register(UserId::new(now, clock::id_bytes()), name, email, Role::User, now);
        store.register(&user, hash.clone()).await.unwrap();
    }
}

fn address(kind: &str, number: usize) -> String {
    format!("{kind}-{number:06}@example.org")
}

async fn sign_in(stack: &Stack, kind: &str, pair: usize) -> Duration {
    let network = format!("10.{}.{}.{}", pair >> 16 & 255, pair >> 8 & 255, pair & 255);
    let body = json!({"email": address(kind, pair / TRIES_PER_ADDRESS), "password": "incorrect horse battery"});
    let event = json!({
        "rawPath": "/v1/auth/login", "headers": {"content-type": "application/json"}, "body": body.to_string(),
        "requestContext": {"requestId": "r", "http": {"method": "POST", "sourceIp": network}}
    });
    let begun = Instant::now();
    let answer: Value = stack.invoke("auth-login", &event).await.unwrap();
    let taken = begun.elapsed();
    assert_eq!(answer["statusCode"], 401, "{answer}");
    taken
}

fn milliseconds(times: &[Duration]) -> Vec<f64> {
    times.iter().map(|time| time.as_secs_f64() * 1e3).collect()
}

fn median(times: &[Duration]) -> f64 {
    let mut sorted = milliseconds(times);
    sorted.sort_unstable_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

fn welch_t(one: &[Duration], other: &[Duration]) -> f64 {
    let mean_and_error = |times: &[Duration]| {
        let values = milliseconds(times);
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, variance / count)
    };
    let ((one, one_error), (other, other_error)) = (mean_and_error(one), mean_and_error(other));
    (one - other) / (one_error + other_error).sqrt()
}
