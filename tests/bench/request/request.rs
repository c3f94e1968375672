//! `cargo bench --package helpdesk-bench-request`: the processor time and the allocations of one
//! warm invocation of a function.
//!
//! Each function runs in a process of its own, without the engine, and is driven through the Lambda
//! runtime interface. The table and the queues are those of the local stack, in this process. The
//! processor time is what the kernel reports for the function's process (`/proc/PID/schedstat`),
//! including its system calls, from poll to poll. It is measured in rounds, of which the median is
//! printed.
//!
//! The allocations are counted by `valgrind --tool=dhat`, if it is installed, as the difference
//! between a long run and a short one. It needs no change to the function. `realloc` counts as an
//! allocation.
//!
//! Directories named after `--` are measured instead of a new build, in turns, such as functions
//! from before a change and from after it. Names of functions there select the functions.
#![expect(
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark measures time and stops at the first surprise"
)]

mod allocations;
mod cases;
#[path = "../content.rs"]
mod content;
#[path = "../functions.rs"]
mod functions;
mod process;
#[path = "../store.rs"]
mod store;

use std::path::{Path, PathBuf};

use cases::{CASES, Case, Desk};
use process::{Cpu, Function};

const WARM_UP: usize = 200;
const ROUNDS: usize = 10;
const PER_ROUND: usize = 200;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let (names, directories): (Vec<String>, Vec<String>) =
        arguments.into_iter().partition(|argument| CASES.iter().any(|case| case.function == argument));
    let cases: Vec<&Case> =
        CASES.iter().filter(|case| names.is_empty() || names.iter().any(|name| name == case.function)).collect();
    let mut directories: Vec<PathBuf> = directories.into_iter().map(PathBuf::from).collect();
    if directories.is_empty() {
        directories.push(build(&cases));
    }
    let mut desk = Desk::open().await;
    println!("one invocation, of {} in {ROUNDS} rounds after {WARM_UP}", ROUNDS * PER_ROUND);
    for case in cases {
        let measured = measure(case, &directories, &mut desk);
        for (directory, rounds) in directories.iter().zip(measured) {
            let allocations = allocations::count(case, directory, &mut desk);
            report(case, directory, rounds, allocations);
        }
    }
    desk.close().await;
}

/// Builds the functions, and returns the directory with their binaries.
fn build(cases: &[&Case]) -> PathBuf {
    // target/release/deps/request-<hash>: the functions are built one directory higher.
    let benchmark = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    for case in cases {
        functions::build_beside(&benchmark, case.function);
    }
    benchmark.parent().unwrap().to_owned()
}

/// Returns the processor time of one invocation in each round, by directory.
fn measure(case: &Case, directories: &[PathBuf], desk: &mut Desk) -> Vec<Vec<Cpu>> {
    let start = |directory: &PathBuf| Function::start(&directory.join(case.function), &[], desk.variables());
    let mut functions: Vec<Function> = directories.iter().map(start).collect();
    let mut measured = vec![Vec::new(); functions.len()];
    for round in 0..=ROUNDS {
        for (function, rounds) in functions.iter_mut().zip(&mut measured) {
            let count = if round == 0 { WARM_UP } else { PER_ROUND };
            let before = function.cpu();
            invoke(case, function, desk, count);
            if round > 0 {
                rounds.push(function.cpu().since(before).divided_by(count));
            }
        }
    }
    measured
}

/// Makes this many invocations, each with an event of its own.
fn invoke(case: &Case, function: &mut Function, desk: &mut Desk, count: usize) {
    for _ in 0..count {
        let answer = function.invoke(&(case.event)(desk));
        assert!((case.succeeded)(&answer), "{}: {answer}", case.function);
    }
}

fn report(case: &Case, directory: &Path, mut rounds: Vec<Cpu>, allocations: Option<(u64, u64)>) {
    rounds.sort_unstable_by_key(|cpu| cpu.total);
    let milliseconds = |cpu: Cpu| cpu.total.as_secs_f64() * 1e3;
    let median = rounds[rounds.len() / 2];
    let [fastest, slowest] = [rounds[0], rounds[rounds.len() - 1]].map(milliseconds);
    let system: f64 = rounds.iter().map(Cpu::system_share).sum::<f64>() / rounds.len() as f64;
    let allocations = allocations.map_or("allocations not counted".to_owned(), |(count, bytes)| {
        format!("{count} allocations of {:.1} KiB", bytes as f64 / 1024.0)
    });
    println!(
        "{:>16}: {:.3} ms ({fastest:.3} to {slowest:.3}), {:.0} % in the kernel; {allocations}; {}",
        case.function,
        milliseconds(median),
        system * 100.0,
        directory.display(),
    );
}
