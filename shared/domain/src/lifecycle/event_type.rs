//! The types of the entries of a ticket's log.

use serde::{Deserialize, Serialize};

/// The type of a log entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventType {
    /// The ticket was opened.
    Opened,
    /// A technician took the ticket or was given it.
    Assigned,
    /// The ticket went from one assignee to another.
    HandedOver,
    /// The assignee put the ticket back into the ticket queue.
    Released,
    /// A resolution was given.
    Resolved,
    /// The ticket was reopened, because the resolution did not work.
    Reopened,
    /// The ticket was closed, because the resolution worked.
    Closed,
    /// The ticket was withdrawn, because the help was no longer needed.
    Withdrawn,
    /// Fields were edited.
    Updated,
    /// A comment was added. The API lists these entries as comments, and all others as events.
    Commented,
}

impl EventType {
    /// Every type.
    pub const ALL: [Self; 10] = [
        Self::Opened,
        Self::Assigned,
        Self::HandedOver,
        Self::Released,
        Self::Resolved,
        Self::Reopened,
        Self::Closed,
        Self::Withdrawn,
        Self::Updated,
        Self::Commented,
    ];

    /// Returns its name in responses, messages and canonical bytes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Assigned => "assigned",
            Self::HandedOver => "handed_over",
            Self::Released => "released",
            Self::Resolved => "resolved",
            Self::Reopened => "reopened",
            Self::Closed => "closed",
            Self::Withdrawn => "withdrawn",
            Self::Updated => "updated",
            Self::Commented => "commented",
        }
    }
}
