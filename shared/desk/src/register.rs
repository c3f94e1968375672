//! Creating accounts.

use domain::id::UserId;
use domain::time::Timestamp;
use domain::user::{Registration, Role, User};
use edges::auth::password;
use edges::config::Config;
use edges::store::{SignIn, Store};
use edges::{Fatal, clock, limits};

use crate::{AccountError, Desk, RefusedAddress};

/// Creates the accounts of people who register, up to a limit for each network.
#[derive(Clone, Debug)]
pub struct Registrations {
    store: Store,
    /// The number of registrations per network before throttling.
    free_attempts: u32,
}

impl Registrations {
    /// Creates the value from the deployment's configuration.
    ///
    /// # Errors
    /// Fails if variables are missing or invalid, or TLS cannot be set up.
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        Ok(Self { store: Store::open(config).await?, free_attempts: limits::registrations_per_network(config)? })
    }

    /// Creates the account of a new user, who is known from then on in the network that they
    /// register from.
    pub async fn register(
        &self,
        registration: Registration,
        network: Option<String>,
        now: Timestamp,
    ) -> Result<User, RefusedAddress> {
        let email = registration.email.normalised();
        match self.create(registration, &email, network, now).await {
            Ok(user) => Ok(user),
            Err(error) => Err(RefusedAddress::new(error, &email, &self.store).await),
        }
    }

    async fn create(
        &self,
        registration: Registration,
        email: &str,
        network: Option<String>,
        now: Timestamp,
    ) -> Result<User, AccountError> {
        self.store.count_registration(network.as_deref(), self.free_attempts, now).await?;
        let (user, password_hash) = new_account(registration, Role::User, now)?;
        self.store.register_from(&SignIn::new(email, network), &user, password_hash).await?;
        Ok(user)
    }
}

impl Desk {
    /// Creates an admin. This is also how the first admin is created.
    pub async fn create_admin(&self, registration: Registration, now: Timestamp) -> Result<User, AccountError> {
        let (user, password_hash) = new_account(registration, Role::Admin, now)?;
        self.store.register(&user, password_hash).await?;
        Ok(user)
    }
}

/// Returns a new account and the hash of its password.
fn new_account(registration: Registration, role: Role, now: Timestamp) -> Result<(User, String), AccountError> {
    let Registration { name, email, password } = registration;
    let user = User::register(UserId::new(now, clock::id_bytes()), name, email, role, now);
    Ok((user, password::hash(&password).map_err(AccountError::unhashable)?))
}
