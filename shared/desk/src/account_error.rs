//! The reasons why a request about an account, a password or a session fails.

use std::fmt::Display;

use domain::limit::LimitReached;
use domain::permission::Denied;
use domain::throttle::Wait;
use domain::user::RegistrationRefused;
use edges::auth::InvalidToken;
use edges::store::{AttemptError, ChangeUserError, SpendError, Store, StoreError};

/// The reason why a request about an account failed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The account or session does not exist.
    #[error("no such account")]
    NotFound,
    /// The actor may not do this.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A person may not do this to their own account.
    #[error("not allowed on the caller's own account")]
    NotOnYourself,
    /// A service account cannot have an address.
    #[error("a service account has no address")]
    NoAddress,
    /// The caller made too many attempts of this kind and is throttled.
    #[error("too many attempts: the next may be made in {} s", .0.seconds)]
    TooManyAttempts(Wait),
    /// The person did this as often as they may in this hour.
    #[error("the limit is reached: {0:?}")]
    LimitReached(LimitReached),
    /// The address and the password of a sign-in do not match, or the account is deactivated.
    #[error("the address or the password is wrong")]
    WrongCredentials,
    /// The current password of a password change is wrong.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The refresh token, reset token or registration token is not valid.
    #[error("invalid token: {}", .0.0)]
    InvalidToken(InvalidToken),
    /// The operator lets no one with this address register.
    #[error(transparent)]
    RegistrationRefused(#[from] RegistrationRefused),
    /// The session of the request has ended.
    #[error("the session has ended")]
    SignedOut,
    /// The account changed at the same time. Nothing was done.
    #[error("the account changed at the same time")]
    Conflict,
    /// The write refused the change.
    #[error(transparent)]
    Refused(#[from] ChangeUserError),
    /// The password cannot be hashed or compared with a hash.
    #[error("the password cannot be hashed or compared with a hash: {0}")]
    Unhashable(String),
    /// The access token cannot be signed.
    #[error("the access token cannot be signed: {0}")]
    Unsignable(String),
    /// The table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AccountError {
    /// Returns whether the table refuses such a request, as it does while a permission is missing.
    #[must_use]
    pub const fn is_refused_by_table(&self) -> bool {
        matches!(
            self,
            Self::Store(StoreError::Refused(_)) | Self::Refused(ChangeUserError::Store(StoreError::Refused(_)))
        )
    }

    pub(crate) fn unhashable(error: impl Display) -> Self {
        Self::Unhashable(error.to_string())
    }

    pub(crate) fn unsignable(error: impl Display) -> Self {
        Self::Unsignable(error.to_string())
    }
}

impl From<AttemptError> for AccountError {
    fn from(error: AttemptError) -> Self {
        match error {
            AttemptError::TooMany(wait) => Self::TooManyAttempts(wait),
            AttemptError::Store(error) => Self::Store(error),
        }
    }
}

impl From<SpendError> for AccountError {
    fn from(error: SpendError) -> Self {
        match error {
            SpendError::Reached(reached) => Self::LimitReached(reached),
            SpendError::Store(error) => Self::Store(error),
        }
    }
}

impl From<InvalidToken> for AccountError {
    fn from(fault: InvalidToken) -> Self {
        Self::InvalidToken(fault)
    }
}

/// The reason why a request failed whose caller is identified only by the address that they gave.
#[derive(Debug)]
pub struct RefusedAddress {
    /// The reason.
    pub error: AccountError,
    /// The hash of the address for the log. Absent if the table failed, because it holds the secret
    /// of the hash.
    pub address_hash: Option<String>,
}

impl RefusedAddress {
    /// Returns the refusal of a request with that normalised address.
    pub(crate) async fn new(error: AccountError, normalised_email: &str, store: &Store) -> Self {
        Self { error, address_hash: store.address_hash(normalised_email).await }
    }
}
