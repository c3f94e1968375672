//! The instances of every function, started by this process. Each has exactly its own environment,
//! and is restarted as Lambda would restart it when it dies.

use super::guard::Guard;
use super::logs::Logs;
use crate::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::Command;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

/// The pause before a dead instance is restarted. It doubles with every early death, up to a
/// maximum.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// An instance that ran this long did not fail at its start.
const SETTLED_AFTER: Duration = Duration::from_secs(5);

/// How long to wait until the kernel reports an ordered start or end.
const ORDER_WITHIN: Duration = Duration::from_secs(10);

/// The moment at which a function's instances start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With the stack.
    AtOnce,
    /// With the first call, as Lambda does it. A caller over HTTP announces the call with
    /// [`Instances::want`].
    OnFirstCall,
}

#[derive(Debug, Clone)]
pub(crate) struct Launch {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    /// The environments of the instances, one for each process.
    pub(crate) instances: Vec<BTreeMap<String, String>>,
}

/// The instances of every function, and the handles that tests need. They are cheap to clone. There
/// are none by default.
#[derive(Debug, Clone, Default)]
pub struct Instances {
    functions: Arc<BTreeMap<String, Arc<Function>>>,
}

#[derive(Debug)]
struct Function {
    state: watch::Sender<State>,
    order: watch::Sender<Order>,
}

#[derive(Debug, Default)]
struct State {
    pids: BTreeSet<u32>,
    unexpected_exits: usize,
}

/// The order to a function's instances. The instances end whenever `kills` changes, and run once
/// `wanted`, but not while `held`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Order {
    kills: u64,
    held: bool,
    wanted: bool,
}

impl Order {
    const fn lets_run(self) -> bool {
        self.wanted && !self.held
    }
}

impl Instances {
    /// Starts every instance in the current runtime, at once or with the first call of its
    /// function.
    pub(crate) fn start(launches: Vec<Launch>, start: Start, guard: &Arc<Guard>, logs: &Logs) -> Result<Self> {
        let order = Order { wanted: start == Start::AtOnce, ..Order::default() };
        let mut functions = BTreeMap::new();
        for launch in launches {
            if !launch.program.is_file() {
                let path = launch.program.display();
                return Err(Error::new(format!("{path} is missing. Build the functions first: cargo build --bins")));
            }
            let function = Arc::new(Function { state: watch::Sender::default(), order: watch::Sender::new(order) });
            for environment in launch.instances {
                let instance = Instance {
                    name: launch.name.clone(),
                    program: launch.program.clone(),
                    environment,
                    function: Arc::clone(&function),
                    guard: Arc::clone(guard),
                    logs: logs.clone(),
                };
                tokio::spawn(instance.run());
            }
            functions.insert(launch.name, function);
        }
        Ok(Self { functions: Arc::new(functions) })
    }

    fn function(&self, name: &str) -> Result<&Arc<Function>> {
        self.functions.get(name).ok_or_else(|| Error::new(format!("There is no function {name}.")))
    }

    /// Starts the instances of a function that is about to be called, unless they run or are held.
    pub fn want(&self, function: &str) {
        if let Some(function) = self.functions.get(function) {
            function.want();
        }
    }

    /// Kills every instance of a function with SIGKILL and keeps it down until
    /// [`Instances::resume`]. Returns when all have ended.
    pub async fn hold(&self, function: &str) -> Result<()> {
        let function = self.function(function)?;
        function.hold();
        function.until(|state| state.pids.is_empty()).await
    }

    /// Kills every instance of a function with SIGKILL, and lets new ones start. Returns when the
    /// earlier ones have ended.
    pub async fn kill(&self, function: &str) -> Result<()> {
        let function = self.function(function)?;
        let killed = function.state.borrow().pids.clone();
        function.order.send_modify(|order| order.kills += 1);
        function.until(|state| killed.is_disjoint(&state.pids)).await
    }

    /// Starts a held function again. Returns when an instance runs.
    pub async fn resume(&self, function: &str) -> Result<()> {
        let function = self.function(function)?;
        function.order.send_modify(|order| (order.held, order.wanted) = (false, true));
        function.until(|state| !state.pids.is_empty()).await
    }

    /// Kills every instance of every function, and starts none again.
    pub(crate) async fn hold_all(&self) {
        let functions = || self.functions.values();
        functions().for_each(|function| function.hold());
        for function in functions() {
            // An instance that does not die in time is killed again when the stack is dropped.
            drop(function.until(|state| state.pids.is_empty()).await);
        }
    }

    /// Returns the functions that had unexpected exits, with the number of exits. A test wants this
    /// to be empty.
    pub fn all_unexpected_exits(&self) -> BTreeMap<String, usize> {
        let count =
            |(name, function): (&String, &Arc<Function>)| (name.clone(), function.state.borrow().unexpected_exits);
        self.functions.iter().map(count).filter(|(_, count)| *count > 0).collect()
    }

    /// Waits, without a deadline, until an instance of `function` runs. Returns at once for a
    /// function that was not started here.
    pub(crate) async fn wait_until_running(&self, function: &str) {
        if let Some(function) = self.functions.get(function) {
            function.want();
            function.until_changed(|state| !state.pids.is_empty()).await;
        }
    }

    /// Waits until an instance of `function` ends. Waits forever for a function that was not
    /// started here.
    pub(crate) async fn next_exit(&self, function: &str) {
        let Some(function) = self.functions.get(function) else { return std::future::pending().await };
        let before = function.state.borrow().pids.clone();
        function.until_changed(|state| !before.is_subset(&state.pids)).await;
    }
}

impl Function {
    fn want(&self) {
        self.order.send_if_modified(|order| !std::mem::replace(&mut order.wanted, true));
    }

    fn hold(&self) {
        self.order.send_modify(|order| {
            order.kills += 1;
            order.held = true;
        });
    }

    async fn until_changed(&self, reached: impl Fn(&State) -> bool) {
        drop(self.state.subscribe().wait_for(reached).await);
    }

    async fn until(&self, reached: impl Fn(&State) -> bool) -> Result<()> {
        timeout(ORDER_WITHIN, self.until_changed(reached)).await.map_err(|_| {
            Error::new(format!("The function's processes did not start or stop within {} s.", ORDER_WITHIN.as_secs()))
        })
    }
}

/// A slot that runs one process after the other.
struct Instance {
    name: String,
    program: PathBuf,
    environment: BTreeMap<String, String>,
    function: Arc<Function>,
    guard: Arc<Guard>,
    logs: Logs,
}

impl Instance {
    async fn run(self) {
        let mut orders = self.function.order.subscribe();
        let mut pause = FIRST_PAUSE;
        loop {
            if orders.wait_for(|order| order.lets_run()).await.is_err() {
                return;
            }
            let order = *orders.borrow_and_update();
            let started = Instant::now();
            let expected = match self.once(&mut orders, order).await {
                Ok(expected) => expected,
                Err(error) => {
                    self.logs.add(&self.name, format!("{} could not be started: {error}", self.name));
                    false
                }
            };
            if expected || started.elapsed() >= SETTLED_AFTER {
                pause = FIRST_PAUSE;
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Runs one process to its end, and returns whether that end was ordered.
    async fn once(&self, orders: &mut watch::Receiver<Order>, begun: Order) -> std::io::Result<bool> {
        let mut command = Command::new(&self.program);
        command.env_clear().envs(&self.environment).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.guard.spawn(&mut command)?;
        self.logs.follow(&self.name, &mut child);
        let pid = child.id().unwrap_or_default();
        self.function.state.send_modify(|state| {
            state.pids.insert(pid);
        });
        let ordered = tokio::select! {
            status = child.wait() => {
                let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
                self.logs.add(&self.name, format!("{} (pid {pid}) ended: {status}", self.name));
                false
            }
            () = kill_ordered(orders, begun) => {
                child.kill().await?;
                true
            }
        };
        self.guard.remove(pid);
        self.function.state.send_modify(|state| {
            state.pids.remove(&pid);
            state.unexpected_exits += usize::from(!ordered);
        });
        Ok(ordered)
    }
}

/// Waits until the order differs from the one that the process began under.
async fn kill_ordered(orders: &mut watch::Receiver<Order>, begun: Order) {
    if orders.wait_for(|order| order.kills != begun.kills).await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn start(script: &str, instances: usize) -> (tempfile::TempDir, Instances, Logs) {
        start_as(Start::AtOnce, script, instances)
    }

    fn start_as(start: Start, script: &str, instances: usize) -> (tempfile::TempDir, Instances, Logs) {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("function");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        let environment = BTreeMap::from([("WHO".to_owned(), "me".to_owned())]);
        let launch = Launch { name: "f".to_owned(), program, instances: vec![environment; instances] };
        let guard = Arc::new(Guard::start().unwrap());
        let logs = Logs::default();
        let instances = Instances::start(vec![launch], start, &guard, &logs).unwrap();
        (directory, instances, logs)
    }

    fn pids(instances: &Instances) -> BTreeSet<u32> {
        instances.function("f").unwrap().state.borrow().pids.clone()
    }

    async fn until(reached: impl Fn() -> bool) {
        let waiting = async {
            while !reached() {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(ORDER_WITHIN, waiting).await.expect("the state is reached");
    }

    #[tokio::test]
    async fn a_held_function_stays_stopped_until_it_is_resumed() {
        let (_directory, instances, logs) = start("echo \"$WHO\"; exec /bin/sleep 60", 2);
        until(|| pids(&instances).len() == 2).await;
        until(|| logs.of("f") == ["me", "me"]).await;
        let before = pids(&instances);
        instances.hold("f").await.unwrap();
        sleep(FIRST_PAUSE * 3).await;
        assert!(pids(&instances).is_empty());
        instances.resume("f").await.unwrap();
        until(|| pids(&instances).len() == 2).await;
        assert!(pids(&instances).is_disjoint(&before));
        assert!(instances.all_unexpected_exits().is_empty());
        instances.hold_all().await;
    }

    #[tokio::test]
    async fn an_unexpected_exit_is_counted_and_logged_and_the_process_restarted() {
        let (_directory, instances, logs) = start("exit 3", 1);
        until(|| instances.all_unexpected_exits().get("f").is_some_and(|exits| *exits >= 2)).await;
        assert!(logs.of("f").iter().any(|line| line.ends_with("exit status: 3")));
        assert!(instances.hold("g").await.is_err());
        instances.hold_all().await;
    }

    #[tokio::test]
    async fn a_killed_function_restarts_as_another_process() {
        let (_directory, instances, _logs) = start("exec /bin/sleep 60", 2);
        until(|| pids(&instances).len() == 2).await;
        let before = pids(&instances);
        instances.kill("f").await.unwrap();
        until(|| pids(&instances).len() == 2).await;
        assert!(pids(&instances).is_disjoint(&before));
        assert!(instances.all_unexpected_exits().is_empty());
        instances.hold_all().await;
    }

    #[tokio::test]
    async fn a_function_starts_with_its_first_call_and_not_while_it_is_held() {
        let (_directory, instances, logs) = start_as(Start::OnFirstCall, "echo \"$WHO\"; exec /bin/sleep 60", 1);
        instances.hold("f").await.unwrap();
        instances.want("f");
        sleep(FIRST_PAUSE * 3).await;
        assert_eq!(logs.of("f"), Vec::<String>::new());
        instances.resume("f").await.unwrap();
        until(|| logs.of("f") == ["me"]).await;
        instances.want("f");
        assert_eq!(pids(&instances).len(), 1);
        instances.hold_all().await;
    }

    #[tokio::test]
    async fn the_end_of_a_process_is_noticed() {
        let (_directory, instances, _logs) = start("exec /bin/sleep 60", 1);
        until(|| !pids(&instances).is_empty()).await;
        let ((), held) = tokio::join!(instances.next_exit("f"), instances.hold("f"));
        held.unwrap();
        instances.hold_all().await;
    }
}
