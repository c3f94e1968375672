//! No process outlives the stack that started it, however that stack ends.
//!
//! A small shell process holds the read end of a pipe and the list of process groups. When our end closes, which the
//! kernel does even after `kill -9`, it kills what is left on the list.

use crate::Result;
use crate::error::during;
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::BTreeSet;
use std::io::Write as _;
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

/// Keeps the list; dropping it kills what is on it.
#[derive(Debug)]
pub(crate) struct Guard {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    shell: Child,
    pipe: Option<ChildStdin>,
    groups: BTreeSet<u32>,
}

impl Guard {
    /// Starts the shell process, in a group of its own so that Ctrl-C does not reach it.
    pub(crate) fn start() -> Result<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut shell = command.process_group(0).spawn().map_err(during("Starting sh"))?;
        let pipe = shell.stdin.take();
        Ok(Self { state: Mutex::new(State { shell, pipe, groups: BTreeSet::new() }) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches over the process group led by `pid`.
    pub(crate) fn add(&self, pid: u32) {
        let mut state = self.state();
        state.groups.insert(pid);
        state.tell('+', pid);
    }

    /// Forgets a group whose leader has ended, before its number can be given to somebody else.
    pub(crate) fn remove(&self, pid: u32) {
        let mut state = self.state();
        if state.groups.remove(&pid) {
            state.tell('-', pid);
        }
    }

    /// Kills every group on the list at once.
    pub(crate) fn kill_all(&self) {
        let groups: Vec<u32> = self.state().groups.iter().copied().collect();
        for group in groups {
            kill_group(group, Signal::KILL);
        }
    }
}

impl State {
    fn tell(&mut self, sign: char, pid: u32) {
        if let Some(pipe) = &mut self.pipe {
            // Without the shell process there is still the kill on drop.
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

/// Sends a signal to a process group; one that has ended already is fine.
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
    fn dropping_the_guard_kills_what_it_watches() {
        let guard = Guard::start().unwrap();
        let mut watched = sleeper();
        let mut forgotten = sleeper();
        guard.add(watched.id());
        guard.add(forgotten.id());
        guard.remove(forgotten.id());
        drop(guard);
        assert!(!watched.wait().unwrap().success());
        assert!(forgotten.try_wait().unwrap().is_none());
        forgotten.kill().unwrap();
        forgotten.wait().unwrap();
    }

    #[test]
    fn the_shell_alone_kills_when_the_pipe_closes() {
        let guard = Guard::start().unwrap();
        let mut watched = sleeper();
        guard.add(watched.id());
        let mut state = guard.state();
        state.pipe = None;
        state.groups.clear();
        drop(state);
        assert!(!watched.wait().unwrap().success());
    }
}
