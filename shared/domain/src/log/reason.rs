//! The reasons the help desk itself gives. The log has them in English, whoever reads it; a mail says
//! them in its reader's language.

use super::change::{Field, FieldValue};
use super::entry::LogEntry;
use crate::lifecycle::EventType;
use crate::text::Reason;
use crate::user::Role;

/// Why the help desk did something by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskReason {
    /// A ticket was released because its assignee is no active technician any more.
    AssigneeLeft,
    /// A ticket was closed that had been resolved for so many days.
    ResolvedFor {
        /// How many.
        days: i64,
    },
}

/// What the log says of [`DeskReason::AssigneeLeft`].
const ASSIGNEE_LEFT: &str = "Its assignee is no active technician any more.";
/// What the log says of [`DeskReason::ResolvedFor`] before the number of days, and after it.
const RESOLVED_FOR: &str = "Resolved for ";
/// See [`RESOLVED_FOR`]: of one day and of more. Entries from before there was the first have `1 days`.
const DAYS: (&str, &str) = (" day.", " days.");

impl DeskReason {
    /// Returns the reason as the log says it.
    #[must_use]
    pub fn for_log(self) -> Reason {
        Reason::own(match self {
            Self::AssigneeLeft => ASSIGNEE_LEFT.to_owned(),
            Self::ResolvedFor { days: 1 } => format!("{RESOLVED_FOR}1{}", DAYS.0),
            Self::ResolvedFor { days } => format!("{RESOLVED_FOR}{days}{}", DAYS.1),
        })
    }

    /// The reason of an entry, if the help desk itself gave it, whatever the words of people are.
    /// Tickets of an assignee who left are released in the name of the admin who decided so: there
    /// these words tell if an admin's release took the ticket from another person. (An admin who
    /// types this very sentence is taken for the desk. It says the same.)
    #[must_use]
    pub fn of(entry: &LogEntry) -> Option<Self> {
        let text = entry.reason.as_ref()?.as_str();
        match entry.event_type {
            EventType::Released if text == ASSIGNEE_LEFT && is_taken_by_an_admin(entry) => Some(Self::AssigneeLeft),
            EventType::Closed if entry.actor.role == Role::System => {
                let days = text.strip_prefix(RESOLVED_FOR)?;
                let days = days.strip_suffix(DAYS.1).or_else(|| days.strip_suffix(DAYS.0))?;
                Some(Self::ResolvedFor { days: days.parse().ok()? })
            }
            _ => None,
        }
    }
}

/// Whether an admin released a ticket that was another person's.
fn is_taken_by_an_admin(entry: &LogEntry) -> bool {
    let released =
        entry.changes.iter().find(|change| change.field == Field::Assignee).and_then(|change| change.old.as_ref());
    matches!(released, Some(FieldValue::Person(assignee)) if assignee.id != entry.actor.id)
        && entry.actor.role == Role::Admin
}
