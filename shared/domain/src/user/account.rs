//! A person's account, and what changes it.

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
    /// Identifies the account for ever.
    pub id: UserId,
    /// What the person is called.
    pub name: PersonName,
    /// Where the person gets mail; no two accounts share one, compared without case.
    pub email: EmailAddress,
    /// What the person is to the help desk.
    pub role: Role,
    /// Whether the person may sign in.
    pub active: bool,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When the account last changed.
    pub updated_at: Timestamp,
}

impl User {
    /// A new, active account.
    #[must_use]
    pub fn register(id: UserId, name: PersonName, email: EmailAddress, role: Role, now: Timestamp) -> Self {
        Self { id, name, email, role, active: true, created_at: now, updated_at: now }
    }

    /// The account with what the patch says in place; the same as before if that is what it says already.
    #[must_use]
    pub fn patched(&self, patch: &UserPatch, now: Timestamp) -> Self {
        let UserPatch { name, email, reactivates } = patch.clone();
        let (name, email) = (name.unwrap_or_else(|| self.name.clone()), email.unwrap_or_else(|| self.email.clone()));
        self.changed_to(Self { name, email, active: self.active || reactivates, ..self.clone() }, now)
    }

    /// The account with another role.
    #[must_use]
    pub fn with_role(&self, role: Role, now: Timestamp) -> Self {
        self.changed_to(Self { role, ..self.clone() }, now)
    }

    /// The account, barred from signing in.
    #[must_use]
    pub fn deactivated(&self, now: Timestamp) -> Self {
        self.changed_to(Self { active: false, ..self.clone() }, now)
    }

    fn changed_to(&self, new: Self, now: Timestamp) -> Self {
        if new == *self { new } else { Self { updated_at: now, ..new } }
    }

    /// The account as others see it.
    #[must_use]
    pub fn person(&self) -> Person {
        Person { id: self.id, name: self.name.clone(), role: self.role }
    }

    /// Whether tickets may be assigned to the person.
    #[must_use]
    pub fn is_active_technician(&self) -> bool {
        self.active && self.role == Role::Technician
    }
}
