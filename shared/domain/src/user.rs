//! People: who they are, what they are called, and how they sign in.

use std::fmt;

use email_address::{EmailAddress as Syntax, Options};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::field::{Faults, Fields, FromField, Violations};
use crate::id::UserId;
use crate::text::PersonName;
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
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::User, Self::Technician, Self::Admin];

    /// Its name in requests, answers, tokens and keys.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Technician => "technician",
            Self::Admin => "admin",
        }
    }

    /// The role of that name.
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

/// An e-mail address of at most 254 characters (RFC 5321 §4.5.3.1.3 less the angle brackets), kept as written.
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
    pub fn parse(text: String) -> Result<Self, String> {
        let length = text.chars().count();
        if length > Self::CHARACTERS_MAX {
            return Err(format!("must be at most {} characters, and is {length}", Self::CHARACTERS_MAX));
        }
        let options = Options::default().without_display_text().without_domain_literal();
        Syntax::parse_with_options(&text, options)
            .map_err(|_| "must be an e-mail address such as ana@example.org".to_owned())?;
        Ok(Self(text))
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
        Ok(Self::parse(String::from_field(value)?)?)
    }
}

/// A password as typed. It is never written, shown, cut or folded.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The shortest password of a new account, in characters (OWASP ASVS 5.0 6.2.1 asks for 8 and advises 15).
    pub const CHARACTERS_MIN: usize = 12;
    /// The longest password, in characters (OWASP ASVS 5.0 6.2.9 asks to allow at least 64).
    pub const CHARACTERS_MAX: usize = 256;

    /// The password of a new account.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it, without repeating it.
    pub fn parse(text: String) -> Result<Self, String> {
        let length = text.chars().count();
        if (Self::CHARACTERS_MIN..=Self::CHARACTERS_MAX).contains(&length) {
            Ok(Self(text))
        } else {
            Err(format!("must be {} to {} characters, and is {length}", Self::CHARACTERS_MIN, Self::CHARACTERS_MAX))
        }
    }

    /// The password's bytes, to be hashed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(…)")
    }
}

impl FromField for Password {
    fn from_field(value: Value) -> Result<Self, Faults> {
        Ok(Self::parse(String::from_field(value)?)?)
    }
}

/// What a person gives to get an account.
#[derive(Clone, Debug)]
pub struct Registration {
    /// What they are called.
    pub name: PersonName,
    /// Where they get mail.
    pub email: EmailAddress,
    /// What they will sign in with.
    pub password: Password,
}

impl Registration {
    /// Reads the body of a registration.
    ///
    /// # Errors
    /// Every fault of the body.
    pub fn from_body(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let name = fields.required("name");
            let email = fields.required("email");
            let password = fields.required("password");
            Ok(Self { name: name?, email: email?, password: password? })
        })
    }
}

/// What a person signs in with. Any string may be tried: the rules for new passwords and addresses are not told here.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The address as typed.
    pub email: SignInEmail,
    /// The password as typed.
    pub password: SignInPassword,
}

/// An address typed to sign in: at most as long as one that can be registered.
#[derive(Clone, Debug)]
pub struct SignInEmail(String);

impl SignInEmail {
    /// The form in which addresses are compared.
    #[must_use]
    pub fn normalised(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromField for SignInEmail {
    fn from_field(value: Value) -> Result<Self, Faults> {
        let max = EmailAddress::CHARACTERS_MAX;
        bounded(String::from_field(value)?, max).map(Self)
    }
}

/// A password typed to sign in: at most as long as one that can be set, so that hashing it is bounded.
#[derive(Clone)]
pub struct SignInPassword(String);

impl SignInPassword {
    /// The password's bytes, to be compared with a hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for SignInPassword {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SignInPassword(…)")
    }
}

impl FromField for SignInPassword {
    fn from_field(value: Value) -> Result<Self, Faults> {
        bounded(String::from_field(value)?, Password::CHARACTERS_MAX).map(Self)
    }
}

fn bounded(text: String, max: usize) -> Result<String, Faults> {
    if text.chars().count() > max { Err(format!("must be at most {max} characters").into()) } else { Ok(text) }
}

impl Credentials {
    /// Reads the body of a sign-in.
    ///
    /// # Errors
    /// Every fault of the body.
    pub fn from_body(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let email = fields.required("email");
            let password = fields.required("password");
            Ok(Self { email: email?, password: password? })
        })
    }
}

/// What a person gives to change their password.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    /// The one they have, as typed.
    pub current: SignInPassword,
    /// The one they want.
    pub new: Password,
}

impl PasswordChange {
    /// Reads the body of a password change.
    ///
    /// # Errors
    /// Every fault of the body.
    pub fn from_body(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let current = fields.required("current_password");
            let new = fields.required("new_password");
            Ok(Self { current: current?, new: new? })
        })
    }
}

#[cfg(test)]
mod tests;
