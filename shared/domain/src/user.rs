//! People: who they are, what they are called, and how they sign in.

mod common;
mod password;
mod requests;

use email_address::{EmailAddress as Syntax, Options};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use password::{Password, SignInEmail, SignInPassword};
pub use requests::{Credentials, PasswordChange, PasswordReset, PasswordResetRequest, Registration, UserPatch};

use crate::field::{Faults, FromField};
use crate::id::{UUID_RANDOM_BYTES, UserId};
use crate::text::{PersonName, trimmed};
use crate::time::Timestamp;

/// What a person is to the help desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Opens tickets.
    User,
    /// Takes and resolves tickets.
    Technician,
    /// Looks after accounts, and may step in on any ticket.
    Admin,
    /// The help desk itself, which acts by the clock. No account has this role.
    System,
}

impl Role {
    /// Every role an account may have.
    pub const ALL: [Self; 3] = [Self::User, Self::Technician, Self::Admin];

    /// Its name in requests, answers, tokens and keys.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Technician => "technician",
            Self::Admin => "admin",
            Self::System => "system",
        }
    }

    /// The role of that name, if an account may have it.
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

/// A person as others see them: who acts, who asked, who is assigned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their account.
    pub id: UserId,
    /// What they are called.
    pub name: PersonName,
    /// What they are to the help desk.
    pub role: Role,
}

impl Person {
    /// Who acts when the help desk does so by itself. Its id is none that an account can have: of 1970, and not random.
    ///
    /// # Errors
    /// Never: it has a name.
    pub fn system() -> Result<Self, String> {
        let name = PersonName::parse("Help desk".to_owned())?;
        Ok(Self { id: UserId::new(Timestamp::UNIX_EPOCH, [0; UUID_RANDOM_BYTES]), name, role: Role::System })
    }
}

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

/// An e-mail address of at most 254 characters (RFC 5321 §4.5.3.1.3 less the angle brackets), kept as
/// written, without what stands around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The longest address accepted, in characters.
    pub const CHARACTERS_MAX: usize = 254;

    /// The text as an address.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = trimmed(text);
        let length = text.chars().count();
        if length > Self::CHARACTERS_MAX {
            return Err(format!("must be at most {} characters, and is {length}", Self::CHARACTERS_MAX));
        }
        // SES mails no other addresses (SES API v2, `Destination`): they would be told of nothing.
        if !text.is_ascii() {
            return Err("must have ASCII characters only; write the domain in Punycode, such as xn--bcher-kva.example"
                .to_owned());
        }
        let options = Options::default().without_display_text().without_domain_literal().with_required_tld();
        Syntax::parse_with_options(text, options)
            .map_err(|_| "must be an e-mail address such as ana@example.org".to_owned())?;
        Ok(Self(text.to_owned()))
    }

    /// The address as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which addresses are compared: two that differ in case alone are one.
    #[must_use]
    pub fn normalised(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromField for EmailAddress {
    fn from_field(value: Value) -> Result<Self, Faults> {
        Ok(Self::parse(&String::from_field(value)?)?)
    }
}

#[cfg(test)]
mod tests;
