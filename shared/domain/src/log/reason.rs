//! The reasons the help desk itself gives. The log has them in English, whoever reads it; a mail says
//! them in its reader's language.

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
/// What the log says of [`DeskReason::ResolvedFor`], before and after the number of days.
const RESOLVED_FOR: (&str, &str) = ("Resolved for ", " days.");

impl DeskReason {
    /// Returns the reason as the log says it.
    #[must_use]
    pub fn for_log(self) -> Reason {
        Reason::own(match self {
            Self::AssigneeLeft => ASSIGNEE_LEFT.to_owned(),
            Self::ResolvedFor { days } => format!("{}{days}{}", RESOLVED_FOR.0, RESOLVED_FOR.1),
        })
    }

    /// The reason of an entry, if the help desk itself gave it. Tickets of an assignee who left are
    /// released in the name of the admin who decided so: there the words tell.
    #[must_use]
    pub fn of(entry: &LogEntry) -> Option<Self> {
        let text = entry.reason.as_ref()?.as_str();
        match entry.event_type {
            EventType::Released if text == ASSIGNEE_LEFT => Some(Self::AssigneeLeft),
            EventType::Closed if entry.actor.role == Role::System => {
                let days = text.strip_prefix(RESOLVED_FOR.0)?.strip_suffix(RESOLVED_FOR.1)?;
                Some(Self::ResolvedFor { days: days.parse().ok()? })
            }
            _ => None,
        }
    }
}
