//! Proving that a log is as it was written: every entry hashed and chained, and the head what the entries make of it.

use serde::{Deserialize, Serialize};

use super::head::Head;
use crate::id::TicketNumber;
use crate::log::{Field, Hash, LogEntry};

/// What came of verifying a ticket's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Whether log and head are as they were written.
    pub intact: bool,
    /// How many entries were looked at: all of them, or those up to the first that is not as it was written.
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

/// Takes the entries of one ticket's log in their order, and says at the end whether all is as it was written. It can be written
/// down between two entries and go on later: what it remembers is small, however long the log is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Verifier {
    ticket: TicketNumber,
    entries: u64,
    last_hash: Hash,
    folded: Option<Head>,
    first_broken_seq: Option<u64>,
    /// The long texts the ticket has by now, which the next entry may refer to. Not written down: see [`Verifier::recall`].
    #[serde(skip)]
    texts: Vec<(Field, u64, String)>,
}

impl Verifier {
    /// For the log of that ticket.
    #[must_use]
    pub const fn new(ticket: TicketNumber) -> Self {
        Self { ticket, entries: 0, last_hash: Hash::ZERO, folded: None, first_broken_seq: None, texts: Vec::new() }
    }

    #[must_use]
    pub const fn ticket(&self) -> TicketNumber {
        self.ticket
    }

    /// How many entries it took.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    /// The place of the first entry so far that is not as it was written.
    #[must_use]
    pub const fn first_broken_seq(&self) -> Option<u64> {
        self.first_broken_seq
    }

    /// Whether what it holds fits together, as it does after any entries that it took. What was written down may come back
    /// altered.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        match &self.folded {
            Some(head) => (head.number, head.seq, head.hash) == (self.ticket, self.entries, self.last_hash),
            None => self.first_broken_seq.is_some() || (self.entries, self.last_hash) == (0, Hash::ZERO),
        }
    }

    /// Takes the next entry, as it is stored; none if what is stored in its place cannot be read. After the first that is not
    /// as it was written it takes no more: nothing can be said of those behind it.
    pub fn take(&mut self, entry: Option<LogEntry>) {
        // No log is that long. What was written down may have been altered.
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

    /// The places of the entries it has to be shown again ([`Verifier::recall`]) before it goes on, after it was written down.
    pub fn recalled_seqs(&self) -> impl Iterator<Item = u64> {
        let folded = self.folded.as_ref();
        folded.into_iter().flat_map(|head| [Some(head.description_seq), head.resolution_seq]).flatten()
    }

    /// Takes note of the long texts that an entry gave the ticket.
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

    /// What came of it, for the head that is stored.
    #[must_use]
    pub fn finish(self, head: &Head) -> Verification {
        let first_broken_seq = self.first_broken_seq.or_else(|| (self.entries < head.seq).then(|| self.entries + 1));
        let intact = first_broken_seq.is_none() && self.folded.as_ref() == Some(head);
        Verification { intact, entries: self.entries, head_hash: head.hash, first_broken_seq }
    }
}
