//! Who makes a request: the credentials it was sent with, access token or API token.

use std::time::Duration;

use domain::id::{SessionId, TokenId, UserId};
use domain::limit::{Limit, Limits};
use domain::permission::{Actor, Denied, DeskAction, Scopes};
use domain::time::Timestamp;
use domain::user::{Person, User};
use edges::Fatal;
use edges::auth::{API_TOKEN_PREFIX, AccessTokens, ApiTokenSecret, Bearer, InvalidToken};
use edges::config::Config;
use edges::store::{Store, StoreError};
use tokio::time::timeout;

use crate::Desk;

/// How long a request waits until the day of its token's use is recorded. It takes milliseconds.
/// A request cannot leave it for later, because Lambda freezes a function that has answered.
const RECORDED_WITHIN: Duration = Duration::from_millis(300);

const NOT_A_SERVICE_ACCOUNT: &str =
    "Only a service account may act for a person. Send the request without `Helpdesk-On-Behalf-Of`.";
const NOT_A_PERSON: &str = "`Helpdesk-On-Behalf-Of` must be the id of a person whose account is active.";

/// Who makes a request, with valid credentials.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The person. With an access token as they were when it was issued, with an API token as they
    /// are.
    pub person: Person,
    /// The service account that acts for the person, if one does.
    via: Option<Person>,
    credentials: Credentials,
}

/// What a request was sent with.
#[derive(Clone, Copy, Debug)]
enum Credentials {
    AccessToken(SessionId),
    ApiToken(TokenId, Scopes, Holder),
}

/// Whose an API token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    Person,
    ServiceAccount,
}

impl Caller {
    /// Returns the caller as one who acts, as far as the credentials reach.
    #[must_use]
    pub const fn actor(&self) -> Actor<'_> {
        let owner = match &self.via {
            Some(service) => service,
            None => &self.person,
        };
        let actor = match self.credentials {
            Credentials::AccessToken(_) => Actor::of(owner),
            Credentials::ApiToken(token_id, scopes, _) => Actor::with_token(owner, token_id, scopes),
        };
        if self.via.is_some() { actor.acting_for(&self.person) } else { actor }
    }

    /// Returns the one of these limits that applies to the caller.
    #[must_use]
    pub const fn limit(&self, limits: Limits) -> Limit {
        match self.credentials {
            Credentials::ApiToken(_, _, Holder::ServiceAccount) => limits.service,
            Credentials::ApiToken(_, _, Holder::Person) | Credentials::AccessToken(_) => limits.person,
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
            Credentials::ApiToken(token_id, ..) => Some(token_id),
        }
    }
}

impl From<Bearer> for Caller {
    fn from(bearer: Bearer) -> Self {
        Self { person: bearer.person, via: None, credentials: Credentials::AccessToken(bearer.session_id) }
    }
}

/// The account whose valid credentials a request was sent with, before it is checked whether it may
/// act for the person that the request names.
#[derive(Debug)]
pub struct Sender {
    account: Caller,
    acts_for: Option<UserId>,
    /// The account of that person, if there is one.
    person: Option<User>,
}

impl Sender {
    /// Returns the account.
    #[must_use]
    pub const fn account(&self) -> &Caller {
        &self.account
    }

    /// Returns the caller: the account, or the person that it acts for.
    ///
    /// # Errors
    /// Fails unless the account is a service account with the scope for it, and the person's
    /// account is active.
    pub fn caller(self) -> Result<Caller, Denied> {
        let Self { account, acts_for, person } = self;
        if acts_for.is_none() {
            return Ok(account);
        }
        account.actor().check(DeskAction::ActForPerson)?;
        if !matches!(account.credentials, Credentials::ApiToken(_, _, Holder::ServiceAccount)) {
            return Err(Denied::Forbidden(NOT_A_SERVICE_ACCOUNT.to_owned()));
        }
        let person = person.filter(|user| user.active && !user.is_service());
        let person = person.ok_or_else(|| Denied::Forbidden(NOT_A_PERSON.to_owned()))?.person();
        Ok(Caller { person, via: Some(account.person), credentials: account.credentials })
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
    /// Returns the sender of a request with this token, which asks to act for the person
    /// `acts_for`, if it names one.
    ///
    /// An access token is verified without reading anything. An API token is looked up, with one
    /// strongly consistent call, so that it ends the moment it is revoked or its person's account
    /// is deactivated.
    pub async fn sender(&self, token: &str, acts_for: Option<UserId>, now: Timestamp) -> Result<Sender, CallerError> {
        if token.starts_with(API_TOKEN_PREFIX) {
            return self.sender_with_api_token(token, acts_for, now).await;
        }
        let account = self.access_tokens.verify(token, now)?.into();
        Ok(Sender { account, acts_for, person: None })
    }

    async fn sender_with_api_token(
        &self,
        token: &str,
        acts_for: Option<UserId>,
        now: Timestamp,
    ) -> Result<Sender, CallerError> {
        let secret = ApiTokenSecret::parse(token).ok_or(InvalidToken("not an API token"))?;
        let found = self.store.token_in_use(&secret, acts_for, now).await?;
        let found =
            found.ok_or(InvalidToken("API token unknown, revoked or expired, or its account is deactivated"))?;
        if found.is_first_today {
            self.record_use(found.user.id, found.token.id, now).await;
        }
        let holder = if found.user.is_service() { Holder::ServiceAccount } else { Holder::Person };
        let credentials = Credentials::ApiToken(found.token.id, found.token.scopes, holder);
        let account = Caller { person: found.user.person(), via: None, credentials };
        Ok(Sender { account, acts_for, person: found.acts_for })
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
