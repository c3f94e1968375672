//! Sessions: the devices that people are signed in on, and their tokens.

use std::fmt;

use domain::id::{SessionId, UserId};
use domain::time::Timestamp;
use domain::user::Person;
use edges::auth::refresh::{RefreshToken, RotationNonce};
use edges::auth::{InvalidToken, TokenIssuer};
use edges::config::Config;
use edges::store::{Account, Page, RotationResult, Session, Store};
use edges::{Fatal, clock};

use crate::read::PageRequest;
use crate::{AccountError, Desk};

/// What a device gets when it signs in or refreshes its token.
pub struct Tokens {
    /// The access token, to be sent with each request.
    pub access_token: String,
    /// The token that both tokens are renewed with.
    pub refresh_token: RefreshToken,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Tokens({:?}, …)", self.refresh_token)
    }
}

/// Issues tokens to devices. Holds the store of the sessions and the issuer of access tokens.
#[derive(Debug)]
pub struct Sessions {
    pub(crate) store: Store,
    issuer: TokenIssuer,
}

impl Sessions {
    /// Creates the value from the deployment's configuration.
    ///
    /// # Errors
    /// Fails if variables are missing, the signing key cannot be read, or TLS cannot be set up.
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        Ok(Self::new(Store::open(config).await?, TokenIssuer::open(config).await?))
    }

    /// Creates the value from its parts.
    #[must_use]
    pub const fn new(store: Store, issuer: TokenIssuer) -> Self {
        Self { store, issuer }
    }

    /// Begins a session for the account on a new device.
    pub async fn begin(&self, account: &Account, now: Timestamp) -> Result<Tokens, AccountError> {
        let id = SessionId::new(now, clock::id_bytes());
        let refresh_token = RefreshToken::begin(account.user.id, id);
        let session = Session::begin(&refresh_token, account.credential_version, now);
        let access_token = self.issuer.issue(&account.user, id, now).map_err(AccountError::unsignable)?;
        self.store.begin_session(&session, account.user.person()).await?;
        Ok(Tokens { access_token, refresh_token })
    }

    /// Issues the next tokens of a device.
    ///
    /// Using a refresh token replaces it. For a few seconds the replaced one gets the same answer,
    /// so a device that gets no response may retry, and two windows of it may refresh at once.
    /// After that, using it ends its session, because either the device or a thief holds a copy.
    /// The token is replaced last, once the response is ready.
    pub async fn refresh(&self, token: &RefreshToken, now: Timestamp) -> Result<Tokens, AccountError> {
        let store = &self.store;
        let Some(account) = store.account(token.user_id).await?.filter(|account| account.user.active) else {
            store.end_session(token).await?;
            return Err(InvalidToken("account unknown or inactive").into());
        };
        let issued = self.issuer.issue(&account.user, token.session_id, now);
        let access_token = issued.map_err(AccountError::unsignable)?;
        match store.rotate(token, RotationNonce::random(), account.credential_version, now).await? {
            RotationResult::Rotated(refresh_token) => Ok(Tokens { access_token, refresh_token }),
            RotationResult::Reused => {
                store.end_reused_session(token, &account.user.person(), now).await?;
                Err(InvalidToken("refresh token used before").into())
            }
            RotationResult::Refused => {
                Err(InvalidToken("refresh token unknown, or from before a password change").into())
            }
        }
    }
}

impl Desk {
    /// Signs the device of a refresh token out. Does nothing if the token is not valid.
    pub async fn sign_out(&self, token: &RefreshToken) -> Result<(), AccountError> {
        Ok(self.store.end_session(token).await?)
    }

    /// Lists the devices a person is signed in on.
    pub async fn sessions(
        &self,
        owner: UserId,
        now: Timestamp,
        page: PageRequest<'_>,
    ) -> Result<Page<Session>, AccountError> {
        Ok(self.store.sessions(owner, now, page.after, page.limit).await?)
    }

    /// Signs a device out. It gets no more access tokens.
    pub async fn end_session(&self, owner: &Person, id: SessionId, now: Timestamp) -> Result<(), AccountError> {
        if self.store.end_session_of(owner, id, now).await? { Ok(()) } else { Err(AccountError::NotFound) }
    }
}
