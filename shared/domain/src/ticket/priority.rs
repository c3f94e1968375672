//! The priority of a ticket.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::field::{Faults, FromField};

/// The priority of a ticket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// A person cannot work at present.
    Urgent,
    /// Ahead of other tickets.
    High,
    /// In turn.
    #[default]
    Normal,
    /// When there is time.
    Low,
}

impl Priority {
    /// Every priority, most urgent first: the order of the ticket queue.
    pub const ALL: [Self; 4] = [Self::Urgent, Self::High, Self::Normal, Self::Low];

    /// Returns its name in requests and responses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }

    /// Returns the priority with that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.as_str() == name)
    }
}

impl FromField for Priority {
    fn from_field(value: Value) -> Result<Self, Faults> {
        let name = String::from_field(value)?;
        Self::named(&name).ok_or_else(|| "must be one of low, normal, high, urgent".to_owned().into())
    }
}
