//! What people are notified of.

use serde::{Deserialize, Serialize};

use crate::lifecycle::EventType;

/// The type of a notification: what people are notified of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum NotificationType {
    /// An entry of a ticket's log.
    Log(EventType),
    /// An internal note.
    NoteWritten,
    /// A webhook that was disabled because it failed for days.
    WebhookDisabled,
}

impl NotificationType {
    /// Returns the types that concern tickets, for which people choose channels.
    #[must_use]
    pub fn all_for_tickets() -> Vec<Self> {
        EventType::ALL.into_iter().map(Self::Log).chain([Self::NoteWritten]).collect()
    }

    /// Returns its name in requests and responses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Log(event_type) => event_type.as_str(),
            Self::NoteWritten => "noted",
            Self::WebhookDisabled => "webhook_disabled",
        }
    }

    /// Returns the type with that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = Self::all_for_tickets().into_iter().chain([Self::WebhookDisabled]);
        all.into_iter().find(|notification_type| notification_type.as_str() == name)
    }
}

impl From<NotificationType> for String {
    fn from(notification_type: NotificationType) -> Self {
        notification_type.as_str().to_owned()
    }
}

impl TryFrom<String> for NotificationType {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::named(&name).ok_or_else(|| format!("no one is notified of {name}"))
    }
}
