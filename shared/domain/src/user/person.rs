//! A person as others see them, and their role.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::field::{Faults, FromField};
use crate::id::{UUID_RANDOM_BYTES, UserId};
use crate::text::PersonName;
use crate::time::Timestamp;

/// The role of a person in the help desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Opens tickets.
    User,
    /// Takes and resolves tickets.
    Technician,
    /// Manages accounts, and may act on any ticket.
    Admin,
    /// The help desk itself, which acts on a schedule. No account has this role.
    System,
}

impl Role {
    /// Every role an account may have.
    pub const ALL: [Self; 3] = [Self::User, Self::Technician, Self::Admin];

    /// Returns its name in requests, responses, tokens and keys.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Technician => "technician",
            Self::Admin => "admin",
            Self::System => "system",
        }
    }

    /// Returns the role with that name, if an account may have it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

impl FromField for Role {
    fn from_field(value: Value) -> Result<Self, Faults> {
        let name = String::from_field(value)?;
        Self::named(&name).ok_or_else(|| "must be one of user, technician, admin".to_owned().into())
    }
}

/// A person as others see them: an actor, a requester or an assignee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The id of their account.
    pub id: UserId,
    pub name: PersonName,
    pub role: Role,
}

impl Person {
    /// Returns the actor for what the help desk does on its own. No account can have its id: it is
    /// from 1970 and not random.
    #[must_use]
    pub fn system() -> Self {
        let id = UserId::new(Timestamp::UNIX_EPOCH, [0; UUID_RANDOM_BYTES]);
        Self { id, name: PersonName::from_desk("Help desk".to_owned()), role: Role::System }
    }
}
