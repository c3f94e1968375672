//! What people are notified of.

use serde::{Deserialize, Serialize};

use crate::lifecycle::EventType;

/// An occasion that people are notified of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Occasion {
    /// An entry of a ticket's log.
    Log(EventType),
    /// An internal note.
    Noted,
    /// A webhook that was disabled because it failed for days.
    WebhookDisabled,
}

impl Occasion {
    /// Returns the occasions that concern tickets, for which people choose channels.
    #[must_use]
    pub fn all_of_tickets() -> Vec<Self> {
        EventType::ALL.into_iter().map(Self::Log).chain([Self::Noted]).collect()
    }

    /// Returns its name in requests and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Log(event_type) => event_type.as_str(),
            Self::Noted => "noted",
            Self::WebhookDisabled => "webhook_disabled",
        }
    }

    /// Returns the occasion with that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = Self::all_of_tickets().into_iter().chain([Self::WebhookDisabled]);
        all.into_iter().find(|occasion| occasion.as_str() == name)
    }
}

impl From<Occasion> for String {
    fn from(occasion: Occasion) -> Self {
        occasion.as_str().to_owned()
    }
}

impl TryFrom<String> for Occasion {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::named(&name).ok_or_else(|| format!("no one is notified of {name}"))
    }
}
