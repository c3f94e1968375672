//! `cargo bench --package helpdesk-bench-start`: how long a function takes from its start to its
//! first request for work, and how much memory it has by then, compared with a bare function built
//! in the same way.
//!
//! The Runtime API and the endpoints of all services are one listener on the loopback interface,
//! which answers everything at once. Each run is a process of its own. The functions take turns, so
//! that other load on the machine affects all of them. Binaries named after `--` are measured
//! instead of ours, such as a function from before a change and from after it.
#![expect(
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    reason = "a benchmark measures time and stops at the first surprise"
)]

#[path = "../functions.rs"]
mod functions;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use functions::build_beside;

/// The functions that are measured by default: two of a technician, the one that reads the signing
/// key, and a worker.
const FUNCTIONS: [&str; 4] = ["tickets-create", "tickets-get", "auth-login", "workers-relay"];
const RUNS: usize = 40;

fn main() {
    let bare = PathBuf::from(env!("CARGO_BIN_EXE_bare"));
    let named = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let mut functions: Vec<PathBuf> = std::iter::once(bare.clone()).chain(named.map(PathBuf::from)).collect();
    if functions.len() == 1 {
        functions.extend(FUNCTIONS.map(|function| build_beside(&bare, function)));
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (polled, polls) = channel();
    std::thread::spawn(move || answer_all(&listener, &polled));
    let mut measured = vec![Vec::new(); functions.len()];
    for _ in 0..RUNS {
        for (function, runs) in functions.iter().zip(&mut measured) {
            runs.push(measure(function, &address, &polls));
        }
    }
    println!("{RUNS} starts each, exec to first poll: median (fastest to slowest), memory, size");
    for (function, runs) in functions.iter().zip(&measured) {
        report(function, runs);
    }
    let medians: Vec<f64> = measured.iter().map(|runs| median(runs.iter().map(|run| run.0)).as_secs_f64()).collect();
    let ratios: Vec<String> = medians[1..].iter().map(|other| format!("{:.2}", other / medians[0])).collect();
    println!("ratios of the medians to the first: {}", ratios.join(", "));
}

/// Returns the time to the first poll, and the peak resident memory until then, in KiB.
fn measure(function: &Path, address: &str, polls: &Receiver<Instant>) -> (Duration, u64) {
    let url = format!("http://{address}");
    let started = Instant::now();
    let mut process = Command::new(function)
        .env_clear()
        .envs([
            ("AWS_LAMBDA_RUNTIME_API", address),
            ("AWS_LAMBDA_FUNCTION_NAME", "measured"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL", &url),
            ("METRICS_NAMESPACE", "HelpDesk/bench"),
            ("TABLE_NAME", "helpdesk"),
            ("TOKEN_ISSUER", "helpdesk"),
            ("TOKEN_AUDIENCE", "helpdesk-api"),
            ("TOKEN_VERIFY_KEYS", VERIFY_KEYS),
            ("TOKEN_SIGNING_KEY_NAME", "/helpdesk/signing-key"),
            ("SIGN_INS_PER_NETWORK", "100"),
            ("EVENTS_QUEUE_URL", &url),
            ("ACCOUNTS_QUEUE_URL", &url),
            ("RELAY_DEAD_LETTERS_URL", &url),
        ])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let polled = polls.recv_timeout(Duration::from_secs(10)).unwrap();
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak = peak.trim().trim_end_matches(" kB").parse().unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    (polled - started, peak)
}

/// A key that verifies nothing here: the example of RFC 7517 appendix A.1.
const VERIFY_KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"example",
    "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}"#;

/// The response to the request for the signing key, which is the example of RFC 7515 appendix A.3.
const PARAMETER: &str = concat!(
    r#"{"Parameter":{"Value":"-----BEGIN PRIVATE KEY-----\n"#,
    r"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL+YBIff\n",
    r"H1136cspYG6+0iY7X1fCE9+E9LKhRANCAAR/zc4ncPbEXUGDy+5v20t7WAczNXvp\n",
    r"7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt\n",
    r#"-----END PRIVATE KEY-----\n"}}"#,
);

fn answer_all(listener: &TcpListener, polled: &Sender<Instant>) {
    for connection in listener.incoming() {
        let polled = polled.clone();
        std::thread::spawn(move || answer(connection.unwrap(), &polled));
    }
}

/// Records a poll for work and leaves it open. Answers anything else with the parameter.
fn answer(mut connection: TcpStream, polled: &Sender<Instant>) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    loop {
        let mut lines = reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty());
        let Some(request) = lines.next() else { return };
        let now = Instant::now();
        let length = lines.filter_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok()).last();
        reader.read_exact(&mut vec![0; length.unwrap_or(0)]).unwrap();
        if request.contains("/invocation/next") {
            polled.send(now).unwrap();
            continue;
        }
        let response = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{PARAMETER}", PARAMETER.len());
        if connection.write_all(response.as_bytes()).is_err() {
            return;
        }
    }
}

fn report(function: &Path, runs: &[(Duration, u64)]) {
    let times = || runs.iter().map(|run| run.0);
    println!(
        "{:>15}: {:.2?} ({:.2?} to {:.2?}), {:.1} MiB, {:.1} MiB",
        function.file_name().unwrap().to_string_lossy(),
        median(times()),
        times().min().unwrap(),
        times().max().unwrap(),
        median(runs.iter().map(|run| run.1)) as f64 / 1024.0,
        std::fs::metadata(function).unwrap().len() as f64 / 1024.0 / 1024.0,
    );
}

fn median<T: Ord>(values: impl Iterator<Item = T>) -> T {
    let mut sorted: Vec<T> = values.collect();
    sorted.sort_unstable();
    sorted.swap_remove(sorted.len() / 2)
}
