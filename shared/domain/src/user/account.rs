//! A person's account, and the changes to it.

use serde::{Deserialize, Serialize};

use super::email::EmailAddress;
use super::person::{Person, Role};
use super::requests::UserPatch;
use crate::id::UserId;
use crate::text::PersonName;
use crate::time::Timestamp;

/// A person's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The permanent id of the account.
    pub id: UserId,
    /// The person's name.
    pub name: PersonName,
    /// The person's e-mail address. No two accounts share one, compared without case.
    pub email: EmailAddress,
    /// The person's role.
    pub role: Role,
    /// Whether the person may sign in.
    pub active: bool,
    /// When the account was created.
    pub created_at: Timestamp,
    /// When the account last changed.
    pub updated_at: Timestamp,
}

impl User {
    /// Creates an active account.
    #[must_use]
    pub fn register(id: UserId, name: PersonName, email: EmailAddress, role: Role, now: Timestamp) -> Self {
        Self { id, name, email, role, active: true, created_at: now, updated_at: now }
    }

    /// Returns the account with the patch applied. Returns it unchanged if it has these values
    /// already.
    #[must_use]
    pub fn patched(&self, patch: &UserPatch, now: Timestamp) -> Self {
        let UserPatch { name, email, reactivates } = patch.clone();
        let (name, email) = (name.unwrap_or_else(|| self.name.clone()), email.unwrap_or_else(|| self.email.clone()));
        self.changed_to(Self { name, email, active: self.active || reactivates, ..self.clone() }, now)
    }

    /// Returns the account with another role.
    #[must_use]
    pub fn with_role(&self, role: Role, now: Timestamp) -> Self {
        self.changed_to(Self { role, ..self.clone() }, now)
    }

    /// Returns the account, deactivated.
    #[must_use]
    pub fn deactivated(&self, now: Timestamp) -> Self {
        self.changed_to(Self { active: false, ..self.clone() }, now)
    }

    fn changed_to(&self, new: Self, now: Timestamp) -> Self {
        if new == *self { new } else { Self { updated_at: now, ..new } }
    }

    /// Returns the account as others see it.
    #[must_use]
    pub fn person(&self) -> Person {
        Person { id: self.id, name: self.name.clone(), role: self.role }
    }

    /// Returns whether tickets may be assigned to the person.
    #[must_use]
    pub fn is_active_technician(&self) -> bool {
        self.active && self.role == Role::Technician
    }
}
