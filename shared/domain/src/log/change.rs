//! The fields that an entry changed, with their values before and after.

use serde::{Deserialize, Serialize};

use crate::id::TicketNumber;
use crate::user::Person;

/// A field of a ticket that a log entry can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Title,
    Description,
    Priority,
    Category,
    Tags,
    Requester,
    Assignee,
    Resolution,
    /// The closed ticket that the ticket follows up.
    FollowUpOf,
}

impl Field {
    /// The fields with long texts. Each text is stored once, in the entry that introduced it, and
    /// the head refers to that entry.
    pub const LONG_TEXTS: [Self; 2] = [Self::Description, Self::Resolution];

    /// Returns its name in responses and canonical bytes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Description => "description",
            Self::Priority => "priority",
            Self::Category => "category",
            Self::Tags => "tags",
            Self::Requester => "requester",
            Self::Assignee => "assignee",
            Self::Resolution => "resolution",
            Self::FollowUpOf => "follow_up_of",
        }
    }
}

/// The value of a field before or after a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FieldValue {
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
    /// The number of a ticket.
    Ticket(TicketNumber),
    Person(Person),
}

/// One field that an entry changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    pub field: Field,
    /// The value before. `None` if there was none, or if it is a long text that was not filled in.
    pub old: Option<FieldValue>,
    /// The value after. `None` if the value was removed.
    pub new: Option<FieldValue>,
    /// The `seq` of the entry that introduced the old value. Set for long texts, because they are
    /// stored once, in that entry. Absent for every other field, and in entries that were written
    /// with the old text in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_seq: Option<u64>,
}

impl FieldChange {
    /// Creates a change that stores both its old and its new value.
    #[must_use]
    pub const fn new(field: Field, old: Option<FieldValue>, new: Option<FieldValue>) -> Self {
        Self { field, old, new, old_seq: None }
    }

    /// Returns the text that the change gave the field, if any.
    #[must_use]
    pub const fn new_text(&self) -> Option<&String> {
        match &self.new {
            Some(FieldValue::Text(text)) => Some(text),
            _ => None,
        }
    }
}
