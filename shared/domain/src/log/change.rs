//! The fields that an entry changed, with their values before and after.

use serde::{Deserialize, Serialize};

use crate::id::TicketNumber;
use crate::user::Person;

/// A field of a ticket that an event can change.
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
    /// The closed ticket this one continues.
    FollowUpOf,
}

impl Field {
    /// The fields whose texts are long: each text is stored once, in the entry that gave it, and a head says in which.
    pub const LONG_TEXTS: [Self; 2] = [Self::Description, Self::Resolution];

    /// Its name in answers and canonical bytes.
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

/// One field that an event changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    pub field: Field,
    /// Its value before; none if it had none, or if it is a long text that was not filled in.
    pub old: Option<FieldValue>,
    /// Its value after; none if it has none any more.
    pub new: Option<FieldValue>,
    /// The `seq` of the entry that gave the field its old value, for long texts: they are stored once, there. Absent for every
    /// other field, and in entries that were written with the old text in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_seq: Option<u64>,
}

impl FieldChange {
    /// A change whose old and new values are both stored with it.
    #[must_use]
    pub const fn new(field: Field, old: Option<FieldValue>, new: Option<FieldValue>) -> Self {
        Self { field, old, new, old_seq: None }
    }

    /// The text it gave the field, if it gave it one.
    #[must_use]
    pub const fn new_text(&self) -> Option<&String> {
        match &self.new {
            Some(FieldValue::Text(text)) => Some(text),
            _ => None,
        }
    }
}
