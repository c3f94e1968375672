//! Verifies that a log is unaltered: every entry is hashed and chained, and the head follows from
//! the entries.

use serde::{Deserialize, Serialize};

use super::head::Head;
use crate::id::TicketNumber;
use crate::log::{Field, Hash, LogEntry};

/// The result of verifying a ticket's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Whether the log and the head are unaltered.
    pub intact: bool,
    /// The number of entries checked: all of them, or those up to the first altered one.
    pub entries: u64,
    /// The hash of the last entry according to the head.
    pub head_hash: Hash,
    /// The `seq` of the first entry that is altered or missing. `None` if all entries are intact,
    /// even where the head is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_broken_seq: Option<u64>,
}

impl Verification {
    /// Returns the result for a head that cannot be read at all.
    #[must_use]
    pub const fn of_unreadable_head() -> Self {
        Self { intact: false, entries: 0, head_hash: Hash::ZERO, first_broken_seq: None }
    }
}

/// A verifier of one ticket's log. It takes the entries in order, and reports at the end whether
/// all of them and the head are unaltered. Its state can be saved between two entries to continue
/// later. The state is small, however long the log is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Verifier {
    ticket: TicketNumber,
    entries: u64,
    last_hash: Hash,
    folded: Option<Head>,
    first_broken_seq: Option<u64>,
    /// The long texts the ticket has so far, which the next entry may refer to. Not saved: see
    /// [`Verifier::recall`].
    #[serde(skip)]
    texts: Vec<(Field, u64, String)>,
}

impl Verifier {
    /// Creates a verifier for the log of that ticket.
    #[must_use]
    pub const fn new(ticket: TicketNumber) -> Self {
        Self { ticket, entries: 0, last_hash: Hash::ZERO, folded: None, first_broken_seq: None, texts: Vec::new() }
    }

    #[must_use]
    pub const fn ticket(&self) -> TicketNumber {
        self.ticket
    }

    /// Returns the number of entries taken.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    /// Returns the `seq` of the first altered entry so far.
    #[must_use]
    pub const fn first_broken_seq(&self) -> Option<u64> {
        self.first_broken_seq
    }

    /// Returns whether the state is consistent, as it is after any sequence of entries. A saved
    /// state may come back altered.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        match &self.folded {
            Some(head) => (head.number, head.seq, head.hash) == (self.ticket, self.entries, self.last_hash),
            None => self.first_broken_seq.is_some() || (self.entries, self.last_hash) == (0, Hash::ZERO),
        }
    }

    /// Takes the next entry, as it is stored, or `None` if the stored entry cannot be read. Takes
    /// no more after the first altered entry, because nothing can be said of those that follow it.
    pub fn take(&mut self, entry: Option<LogEntry>) {
        // No log is that long, but a saved state may have been altered.
        let Some(seq) = self.entries.checked_add(1).filter(|_| self.first_broken_seq.is_none()) else {
            return;
        };
        self.entries = seq;
        let entry = entry.map(|entry| self.filled_in(entry)).filter(|entry| self.follows(entry, seq));
        let folded = entry.as_ref().and_then(|entry| Head::after(self.folded.take(), entry));
        let (Some(entry), Some(folded)) = (entry, folded) else {
            self.first_broken_seq = Some(seq);
            return;
        };
        self.last_hash = entry.hash;
        self.folded = Some(folded);
        self.recall(&entry);
    }

    /// Returns the `seq` of each entry that [`Verifier::recall`] needs before a saved state can
    /// continue.
    pub fn recalled_seqs(&self) -> impl Iterator<Item = u64> {
        let folded = self.folded.as_ref();
        folded.into_iter().flat_map(|head| [Some(head.description_seq), head.resolution_seq]).flatten()
    }

    /// Remembers the long texts that an entry set.
    pub fn recall(&mut self, entry: &LogEntry) {
        for field in Field::LONG_TEXTS {
            if let Some(text) = entry.new_text(field) {
                self.texts.retain(|(other, _, _)| *other != field);
                self.texts.push((field, entry.seq, text.clone()));
            }
        }
    }

    fn filled_in(&self, mut entry: LogEntry) -> LogEntry {
        entry.fill_in(|field, seq| {
            let held = self.texts.iter().find(|(other, at, _)| (*other, *at) == (field, seq));
            held.map(|(_, _, text)| text.clone())
        });
        entry
    }

    fn follows(&self, entry: &LogEntry, seq: u64) -> bool {
        entry.ticket == self.ticket
            && entry.seq == seq
            && entry.previous_hash == self.last_hash
            && entry.hash == entry.computed_hash()
    }

    /// Returns the result, given the stored head.
    #[must_use]
    pub fn finish(self, head: &Head) -> Verification {
        let first_broken_seq = self.first_broken_seq.or_else(|| (self.entries < head.seq).then(|| self.entries + 1));
        let intact = first_broken_seq.is_none() && self.folded.as_ref() == Some(head);
        Verification { intact, entries: self.entries, head_hash: head.hash, first_broken_seq }
    }
}
