//! Who makes a request: the credentials it was sent with, access token or API token.

use std::time::Duration;

use domain::id::{SessionId, TokenId, UserId};
use domain::permission::{Actor, Scopes};
use domain::time::Timestamp;
use domain::user::Person;
use edges::Fatal;
use edges::auth::{API_TOKEN_PREFIX, AccessTokens, ApiTokenSecret, Bearer, InvalidToken};
use edges::config::Config;
use edges::store::{Store, StoreError};
use tokio::time::timeout;

use crate::Desk;

/// How long a request waits until the day of its token's use is recorded. It takes milliseconds.
/// A request cannot leave it for later, because Lambda freezes a function that has answered.
const RECORDED_WITHIN: Duration = Duration::from_millis(300);

/// The sender of a request, whose credentials are valid.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The person. With an access token as they were when it was issued, with an API token as they
    /// are.
    pub person: Person,
    credentials: Credentials,
}

/// What a request was sent with.
#[derive(Clone, Copy, Debug)]
enum Credentials {
    AccessToken(SessionId),
    ApiToken(TokenId, Scopes),
}

impl Caller {
    /// Returns the caller as one who acts, as far as the credentials reach.
    #[must_use]
    pub const fn actor(&self) -> Actor<'_> {
        match self.credentials {
            Credentials::AccessToken(_) => Actor::of(&self.person),
            Credentials::ApiToken(token_id, scopes) => Actor::with_token(&self.person, token_id, scopes),
        }
    }

    /// Returns the session of the device that sent the request, unless it was sent with an API
    /// token.
    #[must_use]
    pub const fn session_id(&self) -> Option<SessionId> {
        match self.credentials {
            Credentials::AccessToken(session_id) => Some(session_id),
            Credentials::ApiToken(..) => None,
        }
    }

    /// Returns the API token that the request was sent with, if it was.
    #[must_use]
    pub const fn token_id(&self) -> Option<TokenId> {
        match self.credentials {
            Credentials::AccessToken(_) => None,
            Credentials::ApiToken(token_id, _) => Some(token_id),
        }
    }
}

impl From<Bearer> for Caller {
    fn from(bearer: Bearer) -> Self {
        Self { person: bearer.person, credentials: Credentials::AccessToken(bearer.session_id) }
    }
}

/// The reason why the credentials of a request were not accepted.
#[derive(Debug, thiserror::Error)]
pub enum CallerError {
    /// They are not valid.
    #[error("invalid token: {}", .0.0)]
    InvalidToken(InvalidToken),
    /// The table could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<InvalidToken> for CallerError {
    fn from(fault: InvalidToken) -> Self {
        Self::InvalidToken(fault)
    }
}

/// Tells who makes a request.
#[derive(Debug)]
pub struct Callers {
    access_tokens: AccessTokens,
    store: Store,
}

impl Callers {
    /// Returns the sender of a request with this token.
    ///
    /// An access token is verified without reading anything. An API token is looked up, with one
    /// strongly consistent call, so that it ends the moment it is revoked or its person's account
    /// is deactivated.
    pub async fn caller(&self, token: &str, now: Timestamp) -> Result<Caller, CallerError> {
        if token.starts_with(API_TOKEN_PREFIX) {
            return self.caller_with_api_token(token, now).await;
        }
        Ok(self.access_tokens.verify(token, now)?.into())
    }

    async fn caller_with_api_token(&self, token: &str, now: Timestamp) -> Result<Caller, CallerError> {
        let secret = ApiTokenSecret::parse(token).ok_or(InvalidToken("not an API token"))?;
        let found = self.store.token_in_use(&secret, now).await?;
        let found =
            found.ok_or(InvalidToken("API token unknown, revoked or expired, or its account is deactivated"))?;
        let (token, person) = (found.token, found.user.person());
        if found.is_first_today {
            self.record_use(person.id, token.id, now).await;
        }
        Ok(Caller { person, credentials: Credentials::ApiToken(token.id, token.scopes) })
    }

    /// Records the day of a token's use. Only logs a failure, because the day is shown to people
    /// and decides nothing. The next request tries again.
    async fn record_use(&self, user: UserId, token: TokenId, now: Timestamp) {
        let recorded = timeout(RECORDED_WITHIN, self.store.record_token_use(user, token, now)).await;
        let fault = match &recorded {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(elapsed) => elapsed.to_string(),
        };
        tracing::warn!(token.id = %token, error = fault, "the use of an API token is not recorded");
    }
}

impl Desk {
    /// Creates the desk and what tells who calls it, from the deployment's configuration.
    ///
    /// # Errors
    /// Fails if variables are missing, keys cannot be used, or TLS cannot be set up.
    pub async fn with_callers(config: &Config) -> Result<(Self, Callers), Fatal> {
        let desk = Self::open(config).await?;
        let callers = Callers { access_tokens: AccessTokens::open(config)?, store: desk.store.clone() };
        Ok((desk, callers))
    }
}
