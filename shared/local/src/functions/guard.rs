//! Ensures that no process outlives the stack that started it, however that stack ends.
//!
//! A small shell process holds the read end of a pipe and the list of process groups. When the
//! write end closes, which the kernel does even after `kill -9`, the shell kills what is left on
//! the list.

use crate::Result;
use crate::error::during;
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

const SCRIPT: &str = r#"
trap '' INT TERM HUP
list=
while read -r sign group; do
  if [ "$sign" = + ]; then
    list="$list $group"
  else
    rest=
    for each in $list; do [ "$each" = "$group" ] || rest="$rest $each"; done
    list=$rest
  fi
done
for group in $list; do kill -s KILL -- "-$group" 2>/dev/null; done
exit 0
"#;

/// Keeps the list. Dropping the guard kills the groups on it.
#[derive(Debug)]
pub(crate) struct Guard {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    shell: Child,
    pipe: Option<ChildStdin>,
    groups: BTreeSet<u32>,
    /// Whether starting processes is no longer allowed.
    closed: bool,
}

impl Guard {
    /// Starts the shell process, in a group of its own so that Ctrl-C does not reach it.
    pub(crate) fn start() -> Result<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut shell = command.process_group(0).spawn().map_err(during("Starting sh"))?;
        let pipe = shell.stdin.take();
        Ok(Self { state: Mutex::new(State { shell, pipe, groups: BTreeSet::new(), closed: false }) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts `command` in a process group of its own, which is on the list from its first moment
    /// on.
    ///
    /// The list is locked meanwhile. A process either is on it when [`Guard::kill_all`] reads it,
    /// or never starts.
    pub(crate) fn spawn(&self, command: &mut tokio::process::Command) -> io::Result<tokio::process::Child> {
        let mut state = self.state();
        if state.closed {
            return Err(io::Error::other("the stack is stopping"));
        }
        let child = command.process_group(0).kill_on_drop(true).spawn()?;
        if let Some(pid) = child.id() {
            state.add(pid);
        }
        Ok(child)
    }

    /// Removes a group whose leader has ended, before its number can be reused.
    pub(crate) fn remove(&self, pid: u32) {
        let mut state = self.state();
        if state.groups.remove(&pid) {
            state.send_to_shell('-', pid);
        }
    }

    /// Kills every group on the list at once, and allows no new process.
    pub(crate) fn kill_all(&self) {
        let mut state = self.state();
        state.closed = true;
        for group in &state.groups {
            kill_group(*group, Signal::KILL);
        }
    }
}

impl State {
    fn add(&mut self, pid: u32) {
        self.groups.insert(pid);
        self.send_to_shell('+', pid);
    }

    fn send_to_shell(&mut self, sign: char, pid: u32) {
        if let Some(pipe) = &mut self.pipe {
            // Without the shell process, the kill on drop still works.
            drop(writeln!(pipe, "{sign} {pid}"));
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.kill_all();
        let mut state = self.state();
        state.pipe = None;
        drop(state.shell.wait());
    }
}

/// Sends a signal to a process group. A group that has already ended is no error.
pub(crate) fn kill_group(leader: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(pid, signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper() -> Child {
        Command::new("sleep").arg("60").process_group(0).spawn().unwrap()
    }

    #[test]
    fn dropping_the_guard_kills_the_watched_processes() {
        let guard = Guard::start().unwrap();
        let mut watched = sleeper();
        let mut forgotten = sleeper();
        guard.state().add(watched.id());
        guard.state().add(forgotten.id());
        guard.remove(forgotten.id());
        drop(guard);
        assert!(!watched.wait().unwrap().success());
        assert!(forgotten.try_wait().unwrap().is_none());
        forgotten.kill().unwrap();
        forgotten.wait().unwrap();
    }

    #[tokio::test]
    async fn no_process_starts_after_the_kill() {
        let guard = Guard::start().unwrap();
        let sleeper = || guard.spawn(tokio::process::Command::new("sleep").arg("60"));
        let mut started = sleeper().unwrap();
        guard.kill_all();
        assert!(!started.wait().await.unwrap().success());
        assert!(sleeper().is_err());
    }

    #[test]
    fn the_shell_kills_the_processes_when_the_pipe_closes() {
        let guard = Guard::start().unwrap();
        let mut watched = sleeper();
        let mut state = guard.state();
        state.add(watched.id());
        state.pipe = None;
        state.groups.clear();
        drop(state);
        assert!(!watched.wait().unwrap().success());
    }
}
