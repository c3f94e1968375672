//! A shell that reads commands block by block, as a reader types them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long a block may run without output: the demo may have to build functions.
const SILENT_WITHIN: Duration = Duration::from_mins(10);

/// The line that is printed after a block.
const END: &str = "\u{1e}end";

/// A POSIX shell that ends at the first command that fails.
#[derive(Debug)]
pub(crate) struct Shell {
    child: Child,
    input: ChildStdin,
    output: Receiver<String>,
}

impl Shell {
    /// Starts the shell in a directory whose `bin` comes first in the path.
    pub(crate) fn start(directory: &Path) -> Self {
        let mut command = Command::new("sh");
        command.arg("-eu").current_dir(directory);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("sh starts");
        let (lines, output) = channel();
        let printed = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || printed.lines().map_while(Result::ok).try_for_each(|line| lines.send(line)));
        let mut input = child.stdin.take().unwrap();
        input.write_all(b"exec 2>&1\nPATH=$PWD/bin:$PATH\n").unwrap();
        Self { child, input, output }
    }

    /// Runs a block and returns the lines that it prints, as an error if it failed.
    pub(crate) fn run(&mut self, commands: &str) -> Result<Vec<String>, Vec<String>> {
        // In braces, so that no command reads the lines after it.
        let block = format!("{{\n{commands}\n}} </dev/null\nprintf '\\n{END}\\n'\n");
        let mut lines = Vec::new();
        if self.input.write_all(block.as_bytes()).is_err() {
            return Err(lines);
        }
        loop {
            match self.output.recv_timeout(SILENT_WITHIN) {
                Ok(line) if line == END => return Ok(lines),
                Ok(line) => lines.push(line),
                Err(_) => return Err(lines),
            }
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}
