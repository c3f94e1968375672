//! Proving that a log is as it was written: every entry hashed and chained, and the head what the entries make of it.

use serde::Serialize;

use super::{Hash, LogEntry};
use crate::id::TicketNumber;
use crate::ticket::Head;

/// What came of verifying a ticket's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Whether log and head are as they were written.
    pub intact: bool,
    /// How many entries there are.
    pub entries: u64,
    /// The hash that the head says the last entry has.
    pub head_hash: Hash,
    /// The place of the first entry that is not as it was written, or is missing. None where all entries are and the head is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_broken_seq: Option<u64>,
}

impl Verification {
    /// What comes of a head that cannot be read at all.
    #[must_use]
    pub const fn of_unreadable_head() -> Self {
        Self { intact: false, entries: 0, head_hash: Hash::ZERO, first_broken_seq: None }
    }
}

/// Takes the entries of one ticket's log in their order, and says at the end whether all is as it was written.
#[derive(Debug)]
pub struct Verifier {
    ticket: TicketNumber,
    entries: u64,
    last_hash: Hash,
    folded: Option<Head>,
    first_broken_seq: Option<u64>,
}

impl Verifier {
    /// For the log of that ticket.
    #[must_use]
    pub const fn new(ticket: TicketNumber) -> Self {
        Self { ticket, entries: 0, last_hash: Hash::ZERO, folded: None, first_broken_seq: None }
    }

    /// Takes the next entry; none if what is stored in its place cannot be read.
    pub fn take(&mut self, entry: Option<&LogEntry>) {
        let seq = self.entries + 1;
        self.entries = seq;
        if self.first_broken_seq.is_some() {
            return;
        }
        match entry.filter(|entry| self.follows(entry, seq)) {
            Some(entry) => {
                self.folded = Head::after(self.folded.take(), entry);
                self.last_hash = entry.hash;
                if self.folded.is_none() {
                    self.first_broken_seq = Some(seq);
                }
            }
            None => self.first_broken_seq = Some(seq),
        }
    }

    fn follows(&self, entry: &LogEntry, seq: u64) -> bool {
        entry.ticket == self.ticket
            && entry.seq == seq
            && entry.previous_hash == self.last_hash
            && entry.hash == entry.computed_hash()
    }

    /// What came of it, for the head that is stored.
    #[must_use]
    pub fn finish(self, head: &Head) -> Verification {
        let first_broken_seq = self.first_broken_seq.or((self.entries < head.seq).then_some(self.entries + 1));
        let intact = first_broken_seq.is_none() && self.folded.as_ref() == Some(head);
        Verification { intact, entries: self.entries, head_hash: head.hash, first_broken_seq }
    }
}
