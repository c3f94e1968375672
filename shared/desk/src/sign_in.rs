//! Signing in.
//!
//! An unknown address, a wrong password and a deactivated account get the same refusal after the
//! same work. Each sign-in attempt is counted before it is checked, against the address and against
//! the network that it comes from. A successful sign-in attempt is removed from the counts.

use domain::time::Timestamp;
use domain::user::{Credentials, SignInPassword};
use edges::auth::password::{self, PasswordCheck};
use edges::config::Config;
use edges::store::{Account, Admission, SignIn, Store};
use edges::{Fatal, limits};

use crate::sessions::{Sessions, Tokens};
use crate::{AccountError, RefusedAddress};

/// Signs people in. Holds the sessions and the limit of failed sign-in attempts.
#[derive(Debug)]
pub struct SignIns {
    sessions: Sessions,
    /// The number of failed sign-in attempts per network before throttling.
    free_attempts: u32,
}

impl SignIns {
    /// Creates the value from the deployment's configuration.
    ///
    /// # Errors
    /// Fails if variables are missing or invalid, the signing key cannot be read, or TLS cannot be
    /// set up.
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        Ok(Self { sessions: Sessions::open(config).await?, free_attempts: limits::sign_ins_per_network(config)? })
    }

    /// Signs a person in on a new device.
    pub async fn sign_in(
        &self,
        credentials: &Credentials,
        network: Option<String>,
        now: Timestamp,
    ) -> Result<Tokens, RefusedAddress> {
        let email = credentials.email.normalised();
        match self.attempt(&email, &credentials.password, network, now).await {
            Ok(tokens) => Ok(tokens),
            Err(error) => Err(RefusedAddress::new(error, &email, &self.sessions.store).await),
        }
    }

    async fn attempt(
        &self,
        email: &str,
        password: &SignInPassword,
        network: Option<String>,
        now: Timestamp,
    ) -> Result<Tokens, AccountError> {
        let store = &self.sessions.store;
        let mut sign_in = SignIn::new(email, network);
        let admission = store.count_sign_in(&mut sign_in, self.free_attempts, now).await?;
        let account = account_with(store, email, password, admission).await?;
        let tokens = self.sessions.begin(&account, now).await?;
        store.complete_sign_in(&sign_in, admission, now).await;
        Ok(tokens)
    }
}

/// Returns the account with this address and password, if it may sign in now.
async fn account_with(
    store: &Store,
    email: &str,
    password: &SignInPassword,
    admission: Admission,
) -> Result<Account, AccountError> {
    // A sign-in attempt that is not admitted is looked up and compared like one for an unknown
    // account.
    let account = store.account_by_email(email).await?.filter(|_| admission.is_admitted());
    let stored_hash = account.as_ref().map(|account| account.password_hash.as_str());
    let verdict = password::verify(password, stored_hash).map_err(AccountError::unhashable)?;
    let refusal = || admission.wait().map_or(AccountError::WrongCredentials, AccountError::TooManyAttempts);
    let account =
        account.filter(|account| verdict != PasswordCheck::Wrong && account.user.active).ok_or_else(refusal)?;
    if verdict == PasswordCheck::RightAsTyped || password::is_outdated(&account.password_hash) {
        rehash(store, &account, password).await;
    }
    Ok(account)
}

/// Rehashes the password, if it was hashed with other parameters or as it was typed. The password
/// is only known during a sign-in. If this fails, the next sign-in does it.
async fn rehash(store: &Store, account: &Account, password: &SignInPassword) {
    if let Ok(new_hash) = password::rehash(password) {
        let (id, old_hash) = (account.user.id, &account.password_hash);
        let _until_next_time = store.rehash_password(id, old_hash, &new_hash).await;
    }
}
