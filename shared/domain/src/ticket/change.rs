//! A ticket with its long texts, and a change of one.

use super::head::Head;
use crate::id::UserId;
use crate::lifecycle::EventType;
use crate::log::LogEntry;
use crate::text::{Description, Resolution};

/// A ticket with its long texts, or as `Ticket<()>` without its description, which a comment does
/// not need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket<D = Description> {
    /// Everything but the long texts.
    pub head: Head,
    /// What the requester needs help with.
    pub description: D,
    /// The resolution, if there is one.
    pub resolution: Option<Resolution>,
    /// Whether the assignee was found to be no longer an active technician. If so, a reopened
    /// ticket goes back into the ticket queue.
    pub assignee_left: bool,
}

/// The ticket after a change, and the entries that record the change. Both are committed together
/// or not at all.
#[derive(Clone, Debug)]
pub struct Change<D = Description> {
    /// The updated ticket.
    pub ticket: Ticket<D>,
    /// The entries added to its log, in order.
    pub entries: Vec<LogEntry>,
    /// The version that the change is based on. 0 if the ticket is new.
    pub expected_seq: u64,
    /// A person who must still be an active technician when the change is committed.
    pub needs_technician: Option<UserId>,
}

impl<D> Change<D> {
    /// Returns whether the change gives a resolved ticket back to its assignee.
    #[must_use]
    pub fn reopens(&self) -> bool {
        self.entries.iter().any(|entry| entry.event_type == EventType::Reopened)
    }
}

impl<D> Ticket<D> {
    pub(super) fn changed(self, entries: Vec<LogEntry>, expected_seq: u64) -> Change<D> {
        Change { ticket: self, entries, expected_seq, needs_technician: None }
    }
}

/// The outcome of a command.
#[derive(Clone, Debug)]
pub enum Outcome<D = Description> {
    /// There was nothing to change: nothing is written and no one is notified.
    Unchanged(Box<Ticket<D>>),
    /// A change to commit.
    Changed(Box<Change<D>>),
}
