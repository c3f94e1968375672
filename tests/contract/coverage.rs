//! Which documented answers the tests have seen.
//!
//! Each process that tests the API appends what it sees to one file, and `cargo unseen` compares
//! that with the contract.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::{Contract, Seen};

/// Answers that no test over HTTP provokes: the operation, or `*` for all, the status, and why.
const EXCUSED: [(&str, u16, &str); 14] = [
    ("*", 500, "a function answers it when it has a fault, and none is known"),
    ("*", 503, "it is the same code for each function; tests/api/faults.rs provokes it on some"),
    ("me-get", 404, NEVER_DELETED),
    ("me-update", 404, NEVER_DELETED),
    ("me-change-password", 404, NEVER_DELETED),
    ("me-change-password", 409, ALWAYS_FIRST),
    ("tickets-create", 409, ALWAYS_FIRST),
    ("notes-create", 409, ALWAYS_FIRST),
    ("tokens-create", 409, ALWAYS_FIRST),
    ("webhooks-create", 409, ALWAYS_FIRST),
    ("webhooks-update", 409, ALWAYS_FIRST),
    ("webhooks-replay-delivery", 409, ALWAYS_FIRST),
    ("webhooks-ping", 409, ALWAYS_FIRST),
    ("webhooks-rotate-secret", 409, ALWAYS_FIRST),
];

const NEVER_DELETED: &str = "no account is ever deleted, so that none is missing while its token is valid";
const ALWAYS_FIRST: &str = "another request would have to be first on each of several tries; tests/store/conflicts.rs";

/// Returns the file that lists what was seen, one answer on each line.
#[must_use]
pub fn file(root: &Path) -> PathBuf {
    root.join("target/answers-seen.txt")
}

/// The answers that this process has seen.
#[derive(Debug)]
pub struct Coverage {
    file: File,
    seen: BTreeSet<Seen>,
}

impl Coverage {
    /// Opens the file that lists what was seen.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(root: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(file(root))?;
        Ok(Self { file, seen: BTreeSet::new() })
    }

    /// Records an answer.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record(&mut self, seen: Seen) -> io::Result<()> {
        if self.seen.contains(&seen) {
            return Ok(());
        }
        // In one write, because other processes append to the file at the same time.
        self.file.write_all(format!("{} {}\n", seen.operation, seen.status).as_bytes())?;
        self.seen.insert(seen);
        Ok(())
    }
}

/// Returns the documented answers that are neither in the lines of `seen` nor excused, and the
/// excuses that are not needed: of an answer that was seen, or that is no longer documented.
#[must_use]
pub fn gaps(contract: &Contract, seen: &str) -> Vec<String> {
    gaps_except(&EXCUSED, contract, seen)
}

pub(crate) fn gaps_except(excused: &[(&str, u16, &str)], contract: &Contract, seen: &str) -> Vec<String> {
    let seen: BTreeSet<&str> = seen.lines().collect();
    let mut gaps = Vec::new();
    for operation in &contract.operations {
        for status in operation.statuses(&contract.document) {
            let name = format!("{} {status}", operation.id);
            let is_excused = excused.iter().any(|(id, of, _)| ["*", &operation.id].contains(id) && *of == status);
            if !seen.contains(name.as_str()) && !is_excused {
                gaps.push(format!("no test sees {name}"));
            }
        }
    }
    for (id, status, _) in excused {
        let mut meant = contract.operations.iter().filter(|operation| ["*", &operation.id].contains(id));
        if !meant.any(|operation| operation.statuses(&contract.document).contains(status)) {
            gaps.push(format!("{id} {status} is excused but not documented"));
        }
        if seen.contains(format!("{id} {status}").as_str()) {
            gaps.push(format!("{id} {status} is excused but seen"));
        }
    }
    gaps
}
