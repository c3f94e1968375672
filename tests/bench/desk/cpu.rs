//! The CPU time that the parts of the stack have used.

use std::fs;
use std::time::Duration;

/// The name of the threads that send requests.
pub(crate) const CLIENT: &str = "client";

/// The unit of the CPU times in /proc: `USER_HZ` of Linux on every machine it runs on (`time(7)`).
const TICK: Duration = Duration::from_millis(10);

/// The stack is idle when it uses less than this in each of a few pauses. Its polls use some.
const IDLE: Duration = Duration::from_millis(30);
const PAUSE: Duration = Duration::from_millis(500);
const IDLE_PAUSES: usize = 3;

/// The CPU times since the start, or between two moments.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cpu {
    /// The engine, and the queues and mappings beside it in this process.
    pub(crate) engine: Duration,
    /// `cargo lambda watch`.
    pub(crate) gateway: Duration,
    /// The functions, workers included.
    pub(crate) functions: Duration,
}

impl Cpu {
    pub(crate) fn now() -> Self {
        let own = std::process::id();
        let process = times(&format!("/proc/{own}/stat")).map(|process| process.used).unwrap_or_default();
        let mut cpu = Self { engine: process.saturating_sub(of_clients(own)), ..Self::default() };
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(process) = times(&format!("{}/stat", entry.path().display())) else { continue };
            if process.parent == own {
                let part = if process.name == "cargo-lambda" { &mut cpu.gateway } else { &mut cpu.functions };
                *part += process.used;
            }
        }
        cpu
    }

    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            engine: self.engine.saturating_sub(before.engine),
            gateway: self.gateway.saturating_sub(before.gateway),
            functions: self.functions.saturating_sub(before.functions),
        }
    }

    fn total(&self) -> Duration {
        self.engine + self.gateway + self.functions
    }
}

struct Times {
    name: String,
    parent: u32,
    used: Duration,
}

/// Reads a `stat` file (`proc_pid_stat(5)`), unless the process has ended.
fn times(path: &str) -> Option<Times> {
    let stat = fs::read_to_string(path).ok()?;
    let (name, rest) = stat.split_once('(')?.1.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    // Fields 4, 14 and 15. The first of `rest` is field 3.
    let number = |field: usize| fields.get(field - 3)?.parse::<u32>().ok();
    let used = TICK * (number(14)? + number(15)?);
    Some(Times { name: name.to_owned(), parent: number(4)?, used })
}

fn of_clients(process: u32) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let threads = tasks.filter_map(|task| times(&format!("{}/stat", task.path().display())));
    threads.filter(|thread| thread.name == CLIENT).map(|thread| thread.used).sum()
}

/// Waits until the workers have nothing left to do.
pub(crate) async fn until_idle() {
    let mut before = Cpu::now();
    let mut idle = 0;
    while idle < IDLE_PAUSES {
        tokio::time::sleep(PAUSE).await;
        let now = Cpu::now();
        idle = if now.since(&before).total() < IDLE { idle + 1 } else { 0 };
        before = now;
    }
}
