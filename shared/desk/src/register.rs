//! Creating accounts.

use domain::id::UserId;
use domain::language::Language;
use domain::text::PersonName;
use domain::time::Timestamp;
use domain::user::{EmailAddress, NewAccount, Password, Registration, RegistrationPolicy, Role, User};
use edges::auth::registration::RegistrationToken;
use edges::auth::{InvalidToken, password};
use edges::config::{Config, name};
use edges::store::{FinishRegistrationResult, SignIn, Store};
use edges::{Fatal, clock, limits};

use crate::{AccountError, Desk, RefusedAddress};

/// Records requests to register, up to a limit for each network.
#[derive(Clone, Debug)]
pub struct Registrations {
    store: Store,
    policy: RegistrationPolicy,
    /// The number of registrations per network before throttling.
    free_attempts: u32,
}

impl Registrations {
    /// Creates the value from the deployment's configuration.
    ///
    /// # Errors
    /// Fails if variables are missing or invalid, or TLS cannot be set up.
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        let policy = config.optional(name::REGISTRATION).unwrap_or("invited");
        let domains = config.optional(name::REGISTRATION_DOMAINS).unwrap_or_default();
        let policy = RegistrationPolicy::parse(policy, domains);
        let policy = policy.map_err(|error| format!("{} or its domains: {error}", name::REGISTRATION))?;
        let free_attempts = limits::registrations_per_network(config)?;
        Ok(Self { store: Store::open(config).await?, policy, free_attempts })
    }

    /// Records a request to register. Its event causes a mail in this language to the address.
    ///
    /// Does not look up whether there is an account, so every address causes the same calls and
    /// gets the same result.
    ///
    /// # Errors
    /// Fails if the operator lets no one with this address register, which nothing is read or
    /// counted for, or if the network has to wait.
    pub async fn register(
        &self,
        registration: Registration,
        language: Language,
        network: Option<String>,
        now: Timestamp,
    ) -> Result<(), RefusedAddress> {
        if let Err(refused) = self.policy.check(&registration.email) {
            return Err(RefusedAddress { error: refused.into(), address_hash: None });
        }
        let email = registration.email.normalised();
        let counted = self.store.count_registration(network.as_deref(), self.free_attempts, now).await;
        if let Err(error) = counted {
            return Err(RefusedAddress::new(error.into(), &email, &self.store).await);
        }
        let requested = self.store.request_registration(registration, language, now).await;
        // The table failed, so the secret of the hash is not read from it either.
        requested.map_err(|error| RefusedAddress { error: error.into(), address_hash: None })
    }
}

impl Desk {
    /// Creates an admin. This is also how the first admin is created.
    pub async fn create_admin(&self, account: NewAccount, now: Timestamp) -> Result<User, AccountError> {
        let NewAccount { name, email, password } = account;
        let (user, password_hash) = new_account(name, email, &password, Role::Admin, now)?;
        self.store.register(&user, password_hash).await?;
        Ok(user)
    }

    /// Creates the account of a registration with a mailed token. Its person is written to in the
    /// language of the registration. It is known from then on in the network that the password was
    /// chosen from.
    pub(crate) async fn finish_registration(
        &self,
        token: &RegistrationToken,
        password: &Password,
        network: Option<String>,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let pending = self.store.pending_registration(token, now).await?;
        let pending = pending.ok_or(InvalidToken("registration token unknown or expired"))?;
        let from = SignIn::new(&pending.email.normalised(), network);
        let (user, password_hash) = new_account(pending.name, pending.email, password, Role::User, now)?;
        match self.store.finish_registration(token, &user, pending.language, password_hash, &from).await? {
            FinishRegistrationResult::Done => Ok(()),
            FinishRegistrationResult::Refused => {
                Err(InvalidToken("registration token used, or its address taken, at the same time").into())
            }
        }
    }
}

/// Returns a new account and the hash of its password.
fn new_account(
    name: PersonName,
    email: EmailAddress,
    password: &Password,
    role: Role,
    now: Timestamp,
) -> Result<(User, String), AccountError> {
    let user = User::register(UserId::new(now, clock::id_bytes()), name, email, role, now);
    Ok((user, password::hash(password).map_err(AccountError::unhashable)?))
}
