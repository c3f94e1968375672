//! A ticket with its long texts, and a change of one.

use super::head::Head;
use crate::id::UserId;
use crate::lifecycle::EventType;
use crate::log::LogEntry;
use crate::text::{Description, Resolution};

/// A ticket with its long texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Everything but the long texts.
    pub head: Head,
    /// What its requester needs help with.
    pub description: Description,
    /// How it was resolved, if it is.
    pub resolution: Option<Resolution>,
    /// Whether its assignee was found to be no active technician any more: reopened, it goes back into the queue.
    pub assignee_left: bool,
}

/// A ticket as a change leaves it, and the entries that record the change: to be committed together or not at all.
#[derive(Clone, Debug)]
pub struct Change {
    /// The ticket afterwards.
    pub ticket: Ticket,
    /// What is added to its log, in order.
    pub entries: Vec<LogEntry>,
    /// The version the change was decided on; 0 if the ticket is new.
    pub seen_seq: u64,
    /// A person who must still be an active technician when the change is committed.
    pub needs_technician: Option<UserId>,
}

impl Change {
    /// Whether it gives somebody a ticket back that they had resolved.
    #[must_use]
    pub fn reopens(&self) -> bool {
        self.entries.iter().any(|entry| entry.event_type == EventType::Reopened)
    }
}

impl Ticket {
    pub(super) fn changed(self, entries: Vec<LogEntry>, seen_seq: u64) -> Change {
        Change { ticket: self, entries, seen_seq, needs_technician: None }
    }
}

/// What came of a command.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Nothing was to be changed: nothing is written and nobody told.
    Unchanged(Box<Ticket>),
    /// A change to be committed.
    Changed(Box<Change>),
}
