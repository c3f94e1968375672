//! A person's account, and the changes to it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::email::EmailAddress;
use super::person::{Person, Role};
use super::requests::UserPatch;
use crate::id::UserId;
use crate::text::PersonName;
use crate::time::Timestamp;

/// The invitation of an account whose person has not accepted it. Until they do, the account is
/// inactive, and no one but them can activate it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Invitation {
    /// The person may accept it.
    Pending,
    /// An admin withdrew it.
    Withdrawn,
}

impl Invitation {
    /// Returns its name in items.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A person's account, or a service account: the account of a program, which has no address and no
/// password and signs in with API tokens alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The permanent id of the account.
    pub id: UserId,
    /// The person's name.
    pub name: PersonName,
    /// The person's e-mail address. No two accounts share one, compared without case. A service
    /// account has none.
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    pub email: Option<EmailAddress>,
    /// The person's role.
    pub role: Role,
    /// Whether the person may sign in.
    pub active: bool,
    /// The invitation, until the person accepts it. A version that does not know it may erase it,
    /// which leaves a deactivated account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<Invitation>,
    /// The address that the account is to have once it is verified. It is a label that grants
    /// nothing, so a version that erases it ends the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_email: Option<EmailAddress>,
    /// When an admin asked for that address, which tells this change from an earlier one to the
    /// same address. A version that erases it ends the links of the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_since: Option<Timestamp>,
    /// When the account was created.
    pub created_at: Timestamp,
    /// When the account last changed.
    pub updated_at: Timestamp,
}

impl User {
    /// Creates an active account.
    #[must_use]
    pub const fn register(id: UserId, name: PersonName, email: EmailAddress, role: Role, now: Timestamp) -> Self {
        Self::active(id, name, Some(email), role, now)
    }

    /// Creates the account of a person who is invited.
    #[must_use]
    pub fn invited(id: UserId, name: PersonName, email: EmailAddress, role: Role, now: Timestamp) -> Self {
        let invitation = Some(Invitation::Pending);
        Self { active: false, invitation, ..Self::register(id, name, email, role, now) }
    }

    /// Returns the account with its invitation sent again. Returns `None` if the person accepted
    /// one or needs none.
    #[must_use]
    pub fn invited_again(&self, now: Timestamp) -> Option<Self> {
        self.invitation?;
        Some(Self { invitation: Some(Invitation::Pending), updated_at: now, ..self.clone() })
    }

    /// Returns the account after its person accepted the invitation.
    #[must_use]
    pub fn accepted(&self, now: Timestamp) -> Self {
        Self { active: true, invitation: None, updated_at: now, ..self.clone() }
    }

    /// Returns whether the person may accept an invitation.
    #[must_use]
    pub fn is_invited(&self) -> bool {
        self.invitation == Some(Invitation::Pending)
    }

    /// Creates an active service account.
    #[must_use]
    pub const fn service(id: UserId, name: PersonName, role: Role, now: Timestamp) -> Self {
        Self::active(id, name, None, role, now)
    }

    /// Returns whether it is a service account.
    #[must_use]
    pub const fn is_service(&self) -> bool {
        self.email.is_none()
    }

    /// Returns the address as it is stored: empty if there is none.
    #[must_use]
    pub fn stored_email(&self) -> &str {
        self.email.as_ref().map_or("", EmailAddress::as_str)
    }

    /// Returns the account with the patch applied. Returns it unchanged if it has these values
    /// already, or if the patch would give a service account an address. Another address is pending
    /// until it is verified, except that of an account whose person has not accepted an invitation.
    /// The present address ends a pending change.
    #[must_use]
    pub fn patched(&self, patch: &UserPatch, now: Timestamp) -> Self {
        let UserPatch { name, email, reactivates } = patch.clone();
        if self.is_service() && email.is_some() {
            return self.clone();
        }
        let name = name.unwrap_or_else(|| self.name.clone());
        let present = self.email.as_ref().map(EmailAddress::normalised);
        let (email, pending_email) = match email {
            None => (self.email.clone(), self.pending_email.clone()),
            // The owner is the same person.
            Some(same) if present == Some(same.normalised()) => (Some(same), None),
            // No one has shown yet that they can read the mails of the present address.
            Some(other) if self.invitation.is_some() => (Some(other), None),
            Some(other) => (self.email.clone(), Some(other)),
        };
        let pending_since = match &pending_email {
            Some(_) if pending_email == self.pending_email => self.pending_since,
            pending => pending.as_ref().map(|_| now),
        };
        let active = self.active || reactivates;
        self.changed_to(Self { name, email, active, pending_email, pending_since, ..self.clone() }, now)
    }

    /// Returns whether another address can be verified: one is pending, and the account is active.
    #[must_use]
    pub const fn awaits_verification(&self) -> bool {
        self.active && self.pending_email.is_some()
    }

    /// Returns the account with its pending address, which was verified. Returns `None` if none can
    /// be.
    #[must_use]
    pub fn with_verified_email(&self, now: Timestamp) -> Option<Self> {
        let email = self.pending_email.clone().filter(|_| self.awaits_verification());
        email.map(|email| Self {
            email: Some(email),
            pending_email: None,
            pending_since: None,
            updated_at: now,
            ..self.clone()
        })
    }

    /// Returns the account with another role.
    #[must_use]
    pub fn with_role(&self, role: Role, now: Timestamp) -> Self {
        self.changed_to(Self { role, ..self.clone() }, now)
    }

    /// Returns the account, deactivated. An invitation is withdrawn, and a change of the address
    /// ends.
    #[must_use]
    pub fn deactivated(&self, now: Timestamp) -> Self {
        let invitation = self.invitation.map(|_| Invitation::Withdrawn);
        let new = Self { active: false, invitation, pending_email: None, pending_since: None, ..self.clone() };
        self.changed_to(new, now)
    }

    const fn active(id: UserId, name: PersonName, email: Option<EmailAddress>, role: Role, now: Timestamp) -> Self {
        Self {
            id,
            name,
            email,
            role,
            active: true,
            invitation: None,
            pending_email: None,
            pending_since: None,
            created_at: now,
            updated_at: now,
        }
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

/// Stores an absent address as an empty text, which every version reads as an address.
#[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
fn as_text<S: Serializer>(email: &Option<EmailAddress>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(email.as_ref().map_or("", EmailAddress::as_str))
}

fn from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<EmailAddress>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok((!text.is_empty()).then(|| EmailAddress::from_stored(text)))
}
