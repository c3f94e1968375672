//! People: their accounts, names, roles and credentials.

mod account;
mod common;
mod email;
mod password;
mod person;
mod registration;
mod requests;
#[cfg(test)]
mod tests;

pub use account::{Invitation, User};
pub use email::EmailAddress;
pub use password::{Password, SignInEmail, SignInPassword};
pub use person::{Person, Role};
pub use registration::{RegistrationPolicy, RegistrationRefused};
pub use requests::{
    Credentials, NewAccount, NewServiceAccount, NewUser, PasswordChange, PasswordReset, PasswordResetRequest,
    Registration, UserPatch,
};
