//! People: their accounts, names, roles and credentials.

mod account;
mod common;
mod email;
mod password;
mod person;
mod requests;
#[cfg(test)]
mod tests;

pub use account::User;
pub use email::EmailAddress;
pub use password::{Password, SignInEmail, SignInPassword};
pub use person::{Person, Role};
pub use requests::{Credentials, PasswordChange, PasswordReset, PasswordResetRequest, Registration, UserPatch};
