//! The reasons that the help desk itself gives. In the log they are in English, in a mail in the
//! recipient's language.

use super::change::{Field, FieldValue};
use super::entry::LogEntry;
use crate::lifecycle::EventType;
use crate::text::Reason;
use crate::user::Role;

/// The reason why the help desk acted on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskReason {
    /// A ticket was released because its assignee is no longer an active technician.
    AssigneeLeft,
    /// A ticket was closed because it had been resolved for this many days.
    ResolvedFor {
        /// The number of days.
        days: i64,
    },
}

/// The text of [`DeskReason::AssigneeLeft`] in the log.
const ASSIGNEE_LEFT: &str = "Its assignee is no active technician any more.";
/// The text of [`DeskReason::ResolvedFor`] in the log, before the number of days.
const RESOLVED_FOR: &str = "Resolved for ";
/// The text after the number, in singular and plural: see [`RESOLVED_FOR`]. Entries from before the
/// singular existed have `1 days`.
const DAYS: (&str, &str) = (" day.", " days.");

impl DeskReason {
    /// Returns the text of the reason in the log.
    #[must_use]
    pub fn for_log(self) -> Reason {
        Reason::from_desk(match self {
            Self::AssigneeLeft => ASSIGNEE_LEFT.to_owned(),
            Self::ResolvedFor { days: 1 } => format!("{RESOLVED_FOR}1{}", DAYS.0),
            Self::ResolvedFor { days } => format!("{RESOLVED_FOR}{days}{}", DAYS.1),
        })
    }

    /// Returns the reason of an entry if the help desk itself gave it. Returns `None` for a reason
    /// in a person's own words. When an assignee leaves, their tickets are released in the name of
    /// the admin who decided so. Such a release is recognised by its text, and by an admin
    /// releasing another person's ticket. (An admin who types this very sentence is mistaken for
    /// the help desk. The meaning is the same.)
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

/// Returns whether an admin released a ticket that was assigned to another person.
fn is_taken_by_an_admin(entry: &LogEntry) -> bool {
    let released =
        entry.changes.iter().find(|change| change.field == Field::Assignee).and_then(|change| change.old.as_ref());
    matches!(released, Some(FieldValue::Person(assignee)) if assignee.id != entry.actor.id)
        && entry.actor.role == Role::Admin
}
