//! The output of the functions, kept in memory up to a limit, and optionally appended to a file.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Child;

/// The largest number of lines kept of one source. The oldest are removed first.
const MAX_LINES: usize = 5_000;

/// The largest number of bytes kept of one line.
const MAX_LINE_BYTES: usize = 8_192;

/// The collected lines of every source.
#[derive(Debug, Clone, Default)]
pub(crate) struct Logs {
    lines: Arc<Mutex<BTreeMap<String, VecDeque<String>>>>,
    file: Option<Arc<Mutex<File>>>,
}

impl Logs {
    /// Creates logs that are also appended to `file`.
    pub(crate) fn with_file(file: File) -> Self {
        Self { file: Some(Arc::new(Mutex::new(file))), ..Self::default() }
    }

    fn lines(&self) -> MutexGuard<'_, BTreeMap<String, VecDeque<String>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds one line of `source`.
    pub(crate) fn add(&self, source: &str, mut line: String) {
        if line.len() > MAX_LINE_BYTES {
            line.truncate(line.floor_char_boundary(MAX_LINE_BYTES));
        }
        if let Some(file) = &self.file {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            // A log that cannot be written must not stop the process that it describes.
            drop(writeln!(file, "{line}"));
        }
        let mut lines = self.lines();
        let kept = lines.entry(source.to_owned()).or_default();
        if kept.len() == MAX_LINES {
            kept.pop_front();
        }
        kept.push_back(line);
    }

    /// Collects the output of a process, in tasks of its own.
    pub(crate) fn follow(&self, source: &str, process: &mut Child) {
        if let Some(stdout) = process.stdout.take() {
            tokio::spawn(self.clone().collect(source.to_owned(), stdout));
        }
        if let Some(stderr) = process.stderr.take() {
            tokio::spawn(self.clone().collect(source.to_owned(), stderr));
        }
    }

    /// Collects every line of `stream` until it ends.
    async fn collect(self, source: String, stream: impl AsyncRead + Unpin) {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        while let Ok(1..) = reader.read_until(b'\n', &mut line).await {
            self.add(&source, String::from_utf8_lossy(&line).trim_end().to_owned());
            line.clear();
        }
    }

    pub(crate) fn of(&self, source: &str) -> Vec<String> {
        self.lines().get(source).map(|lines| lines.iter().cloned().collect()).unwrap_or_default()
    }

    /// Returns the last `count` lines of `source` as one text.
    pub(crate) fn tail(&self, source: &str, count: usize) -> String {
        let lines = self.of(source);
        lines[lines.len().saturating_sub(count)..].join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_a_bounded_number_of_lines_is_kept() {
        let logs = Logs::default();
        let text: Vec<String> = (0..=MAX_LINES).map(|number| number.to_string()).chain(["last".to_owned()]).collect();
        logs.clone().collect("f".to_owned(), text.join("\n").as_bytes()).await;
        let lines = logs.of("f");
        assert_eq!((lines.len(), lines[0].as_str()), (MAX_LINES, "2"));
        assert_eq!(logs.tail("f", 2), format!("{MAX_LINES}\nlast"));
        assert!(logs.of("g").is_empty());
    }
}
