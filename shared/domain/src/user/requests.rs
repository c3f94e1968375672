//! The bodies of requests about accounts.

use std::fmt;

use serde_json::Value;

use super::email::EmailAddress;
use super::password::{Password, SignInEmail, SignInPassword};
use super::person::Role;
use crate::field::{Fields, Violations};
use crate::language::Language;
use crate::text::{PersonName, trimmed};

/// The changes to an account. A field that is left out stays as it is.
#[derive(Clone, Debug, Default)]
pub struct UserPatch {
    /// The new name.
    pub name: Option<PersonName>,
    /// The new address.
    pub email: Option<EmailAddress>,
    /// Whether to reactivate a deactivated account.
    pub reactivates: bool,
}

impl UserPatch {
    /// Reads the body of a merge patch (RFC 7396) of an account.
    pub fn from_body(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let name = fields.replaced("name");
            let email = fields.replaced("email");
            let active = fields.replaced("active").and_then(|active| match active {
                Some(false) => {
                    Err(fields.reject("active", "must be true; use DELETE to deactivate the account".to_owned()))
                }
                active => Ok(active),
            });
            Ok(Self { name: name?, email: email?, reactivates: active?.unwrap_or(false) })
        })
    }

    /// Reads the body of a merge patch of the person's own account. Only admins change the address.
    pub fn from_body_for_self(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| Ok(Self { name: fields.replaced("name")?, ..Self::default() }))
    }
}

/// The content of a request to create a service account.
#[derive(Clone, Debug)]
pub struct NewServiceAccount {
    /// The name that people see.
    pub name: PersonName,
    pub role: Role,
}

impl NewServiceAccount {
    /// Reads the body of a request to create a service account.
    pub fn from_body(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let name = fields.required("name");
            let role = fields.required("role");
            Ok(Self { name: name?, role: role? })
        })
    }
}

/// The content of a registration. The password is chosen with the link that is mailed.
#[derive(Clone, Debug)]
pub struct Registration {
    pub name: PersonName,
    pub email: EmailAddress,
}

impl Registration {
    /// Reads the body of a registration.
    pub fn from_body(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let name = fields.required("name");
            let email = fields.required("email");
            // An older program, and the only way to find out why it no longer works.
            fields.refuse("password", "is not sent here: it is chosen with the link that is mailed to the address")?;
            Ok(Self { name: name?, email: email? })
        })
    }
}

/// The content of a new account with a password, which only an operator creates.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub name: PersonName,
    pub email: EmailAddress,
    /// The password to sign in with.
    pub password: Password,
}

impl NewAccount {
    /// Reads the content of the account.
    pub fn from_body(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let name = fields.required("name");
            let email = fields.required("email");
            let password = fields.required("password");
            Ok(Self { name: name?, email: email?, password: password? })
        })
    }
}

/// The content of a request to invite a person.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub name: PersonName,
    pub email: EmailAddress,
    pub role: Role,
    /// The language of the person's mails, until they choose one. English if absent.
    pub language: Option<Language>,
}

impl NewUser {
    /// Reads the body of a request to invite a person.
    pub fn from_body(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let name = fields.required("name");
            let email = fields.required("email");
            let role = fields.required("role");
            let language = fields.optional("language");
            Ok(Self { name: name?, email: email?, role: role?, language: language? })
        })
    }
}

/// The credentials of a sign-in attempt. Any string is accepted, because the rules for new
/// passwords and addresses are not revealed here.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The address as typed.
    pub email: SignInEmail,
    /// The password as typed.
    pub password: SignInPassword,
}

impl Credentials {
    /// Reads the body of a sign-in.
    pub fn from_body(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let email = fields.required("email");
            let password = fields.required("password");
            Ok(Self { email: email?, password: password? })
        })
    }
}

/// The content of a request to change a password.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    /// The present password, as typed.
    pub current: SignInPassword,
    /// The new password.
    pub new: Password,
}

impl PasswordChange {
    /// Reads the body of a password change.
    pub fn from_body(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let current = fields.required("current_password");
            let new = fields.required("new_password");
            Ok(Self { current: current?, new: new? })
        })
    }
}

/// The content of a request for a password reset: the address, as typed.
#[derive(Clone, Debug)]
pub struct PasswordResetRequest {
    /// The address of the account.
    pub email: EmailAddress,
}

impl PasswordResetRequest {
    /// Reads the body of a request for a reset.
    pub fn from_body(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| Ok(Self { email: fields.required("email")? }))
    }
}

/// The content of a password reset: the token that was mailed, and the new password.
#[derive(Clone)]
pub struct PasswordReset {
    /// The token as typed, without surrounding invisible characters.
    pub token: String,
    /// The new password.
    pub password: Password,
}

impl PasswordReset {
    /// Reads the body of a password reset.
    pub fn from_body(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let token = fields.required::<String>("token");
            let password = fields.required("password");
            Ok(Self { token: trimmed(&token?).to_owned(), password: password? })
        })
    }
}

impl fmt::Debug for PasswordReset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PasswordReset(…)")
    }
}
