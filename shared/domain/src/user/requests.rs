//! The bodies of requests about accounts.

use std::fmt;

use serde_json::Value;

use super::email::EmailAddress;
use super::password::{Password, SignInEmail, SignInPassword};
use crate::field::{Fields, Violations};
use crate::text::{PersonName, trimmed};

/// What is changed about an account: what is left out stays.
#[derive(Clone, Debug, Default)]
pub struct UserPatch {
    /// What the person is called.
    pub name: Option<PersonName>,
    /// Where the person gets mail.
    pub email: Option<EmailAddress>,
    /// Whether somebody who was deactivated may sign in again.
    pub reactivates: bool,
}

impl UserPatch {
    /// Reads the body of a merge patch (RFC 7396) of somebody's account.
    pub fn from_body(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let name = fields.replaced("name");
            let email = fields.replaced("email");
            let active = fields.replaced("active").and_then(|active| match active {
                Some(false) => {
                    Err(fields.note("active", "must be true; to deactivate the account, DELETE it".to_owned()))
                }
                active => Ok(active),
            });
            Ok(Self { name: name?, email: email?, reactivates: active?.unwrap_or(false) })
        })
    }

    /// Reads the body of a merge patch of one's own account: the address is the admins' to change.
    pub fn from_body_for_self(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| Ok(Self { name: fields.replaced("name")?, ..Self::default() }))
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
    pub fn from_body(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let current = fields.required("current_password");
            let new = fields.required("new_password");
            Ok(Self { current: current?, new: new? })
        })
    }
}

/// What a person gives who forgot their password: the address, as typed.
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

/// What a person gives to choose a new password: what they were mailed, and the password.
#[derive(Clone)]
pub struct PasswordReset {
    /// The token of the mail, as typed, without what stands around it.
    pub token: String,
    /// The password they want.
    pub password: Password,
}

impl PasswordReset {
    /// Reads the body of a reset.
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
