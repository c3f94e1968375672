//! Changing a password, and replacing one that was forgotten.

use domain::event::{AccountEvent, AccountEventKind, PasswordChanged};
use domain::id::{EventId, SessionId, UserId};
use domain::time::Timestamp;
use domain::user::{EmailAddress, PasswordChange, PasswordReset, User};
use edges::auth::password::{self, PasswordCheck};
use edges::auth::registration::RegistrationToken;
use edges::auth::reset::{RESET_SECONDS, ResetToken};
use edges::auth::{Bearer, InvalidToken};
use edges::config::Config;
use edges::store::{
    ChangeUserError, Forgotten, NewPassword, Proof, RequestedReset, SetPasswordResult, SignIn, Store, StoreError,
};
use edges::{Fatal, limits};

use crate::{AccountError, Desk, RefusedAddress, event_of};

/// Records reset requests, up to a limit for each network.
#[derive(Clone, Debug)]
pub struct PasswordResets {
    store: Store,
    /// The number of unfinished requests per network before throttling.
    free_requests: u32,
}

impl PasswordResets {
    /// Creates the value from the deployment's configuration.
    ///
    /// # Errors
    /// Fails if variables are missing or invalid, or TLS cannot be set up.
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        Ok(Self { store: Store::open(config).await?, free_requests: limits::resets_per_network(config)? })
    }

    /// Records a reset request. Its event causes the mail, if the address has an account.
    ///
    /// Does not look up whether there is an account, so every address causes the same calls and
    /// gets the same result. Once a network has made too many requests, only accounts known in that
    /// network are mailed. Nothing reveals which accounts these are.
    pub async fn request(
        &self,
        email: &EmailAddress,
        network: Option<String>,
        now: Timestamp,
    ) -> Result<(), RefusedAddress> {
        let (store, email) = (&self.store, email.normalised());
        let counted = match store.count_reset(email.clone(), network, self.free_requests, now).await {
            Ok(counted) => counted,
            Err(error) => return Err(RefusedAddress::new(error.into(), &email, store).await),
        };
        let requested = store.request_reset(counted, now).await;
        // The table failed, so the secret of the hash is not read from it either.
        requested.map_err(|error| RefusedAddress { error: error.into(), address_hash: None })
    }
}

impl Desk {
    /// Returns the active account of a reset request, with a new token for it. Returns `None` if
    /// there is no such account or the request is no longer stored.
    pub(crate) async fn begin_reset(
        &self,
        request: EventId,
        now: Timestamp,
    ) -> Result<Option<(User, ResetToken)>, StoreError> {
        let Some(RequestedReset { email, from }) = self.store.reset_request(request, now).await? else {
            return Ok(None);
        };
        let Some(account) = self.store.account_by_email(&email).await?.filter(|account| account.user.active) else {
            return Ok(None);
        };
        let token = ResetToken::new(account.user.id);
        self.store.begin_reset(&token, &account, from, now.plus_seconds(RESET_SECONDS)).await?;
        Ok(Some((account.user, token)))
    }

    /// Sets a new password with a mailed token, and signs out all of the person's devices. Creates
    /// the account if the token is that of a registration, and activates it if the token is that of
    /// an invitation.
    pub async fn reset_password(
        &self,
        reset: &PasswordReset,
        network: Option<String>,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        if let Some(token) = RegistrationToken::parse(&reset.token) {
            return self.finish_registration(&token, &reset.password, network, now).await;
        }
        let token = ResetToken::parse(&reset.token).ok_or(InvalidToken("not a reset token"))?;
        let pending =
            self.store.pending_reset(&token, now).await?.ok_or(InvalidToken("reset token unknown or expired"))?;
        let account = &pending.account;
        let email = account.user.email.as_ref().map(EmailAddress::normalised).unwrap_or_default();
        // The token proves that the address is theirs, so the next sign-in from this network need
        // not wait.
        let sign_in = SignIn::new(&email, network);
        let new = NewPassword {
            account,
            new_hash: &password::hash(&reset.password).map_err(AccountError::unhashable)?,
            event: &changed(account.user.id, None, now),
            proof: pending.proof(&token),
            forgotten: &[Forgotten::ResetRequests(&email), Forgotten::SignIns(&sign_in)],
            known_from: Some(&sign_in),
        };
        if self.store.set_password(&new, now).await? != SetPasswordResult::Done {
            return Err(InvalidToken("reset token used at the same time").into());
        }
        // Many callers share this counter, so no transaction may block it.
        if let Some(network) = &pending.requested_from {
            self.store.take_back_reset(network).await;
        }
        self.store.clear_sessions(account.user.id, now, None).await;
        Ok(())
    }

    /// Changes the bearer's password, and signs out all of their other devices.
    pub async fn change_password(
        &self,
        bearer: &Bearer,
        change: &PasswordChange,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let (user, session) = (bearer.person.id, bearer.session_id);
        self.store.count_password_change(user, now).await?;
        let account = self.store.account(user).await?.ok_or(AccountError::NotFound)?;
        if !account.user.active {
            return Err(ChangeUserError::Inactive.into());
        }
        let verdict = password::verify(&change.current, Some(&account.password_hash));
        if verdict.map_err(AccountError::unhashable)? == PasswordCheck::Wrong {
            return Err(AccountError::WrongPassword);
        }
        let new = NewPassword {
            account: &account,
            new_hash: &password::hash(&change.new).map_err(AccountError::unhashable)?,
            event: &changed(user, Some(session), now),
            proof: Proof::CurrentPassword { session },
            forgotten: &[Forgotten::PasswordChanges(user)],
            known_from: None,
        };
        match self.store.set_password(&new, now).await? {
            SetPasswordResult::Done => {}
            SetPasswordResult::SessionOver => return Err(AccountError::SignedOut),
            SetPasswordResult::Changed => return Err(AccountError::Conflict),
        }
        self.store.clear_sessions(user, now, Some(session)).await;
        Ok(())
    }
}

/// Returns the link with which the holder of a token chooses a password. A fragment stays in the
/// browser. It appears in no server's log and in no Referer (RFC 9110 §4.2.5).
pub(crate) fn password_link(page: &str, token: &str) -> String {
    format!("{page}#token={token}")
}

/// Returns the event of a changed password. The kept session, if there is one, continues.
fn changed(user_id: UserId, kept_session_id: Option<SessionId>, now: Timestamp) -> AccountEvent {
    event_of(AccountEventKind::PasswordChanged(PasswordChanged { user_id, kept_session_id }), now)
}
