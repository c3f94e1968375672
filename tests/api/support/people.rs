use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use desk::sessions::Sessions;
use domain::id::UserId;
use domain::user::{Password, Registration, Role, User};
use edges::auth::{TokenIssuer, password};
use edges::clock;
use edges::store::{Admission, SignIn, Store};
use serde_json::json;

use super::{Caller, Desk};

/// Returns a number that is unique in this process.
pub(crate) fn unique() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

/// The password of every account.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The hash of [`PASSWORD`]. It is made once in a process, because it takes more of the processor
/// than all else that a test does to get a person.
static PASSWORD_HASH: LazyLock<String> = LazyLock::new(|| password::hash(&Password::parse(PASSWORD).unwrap()).unwrap());

fn new_address(name: &str) -> String {
    format!("{}-{}@example.org", name.to_lowercase(), unique())
}

/// The network that the functions see all requests of a test come from.
const NETWORK: &str = "127.0.0.1";

/// Where the accounts and sessions of a desk's people come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accounts {
    /// From the store. It gets what the functions write, but no password is hashed and none of the
    /// functions for accounts starts.
    Stored,
    /// Users from the store, admins from their function, and sessions over HTTP.
    Requested,
}

impl Desk {
    /// Lets people sign in over HTTP from now on, for tests of accounts, sessions,
    /// rights and costs. Other desks get their people from the store.
    pub(crate) fn signing_in_over_http(mut self) -> Self {
        self.accounts = Accounts::Requested;
        self
    }

    /// Returns a new user with this name, signed in.
    pub(crate) async fn user(&self, name: &str) -> Caller {
        self.registered(name, new_address(name)).await
    }

    /// Returns a new user with this name and address, signed in.
    pub(crate) async fn registered(&self, name: &str, email: String) -> Caller {
        let id = Box::pin(self.account(name, &email, Role::User, NETWORK)).await;
        self.signed_in(Caller { id, name: name.to_owned(), email, ..self.anyone() }).await
    }

    /// Registers a user as the person would: asks for the mail and chooses the password with its
    /// token. Takes the newest token, because the address may have got others.
    pub(crate) async fn sign_up(&self, name: &str, email: &str, password: &str) {
        let before = self.tokens_mailed_to(email).len();
        self.anyone().post("/v1/auth/register", json!({"name": name, "email": email})).await.expect(202);
        let token = self.mailed_tokens(email, before + 1).await.pop().unwrap();
        let body = json!({"token": token, "password": password});
        self.anyone().post("/v1/auth/password/reset", body).await.expect(204);
    }

    /// Returns a new admin, signed in.
    pub(crate) async fn admin(&self) -> Caller {
        let email = new_address("Admin");
        if self.accounts == Accounts::Stored {
            let id = Box::pin(self.account("Admin", &email, Role::Admin, NETWORK)).await;
            return self.signed_in(Caller { id, name: "Admin".to_owned(), email, ..self.anyone() }).await;
        }
        let payload = json!({"name": "Admin", "email": email, "password": PASSWORD});
        let user = self.stack.invoke("users-create-admin", &payload).await.unwrap();
        let id = user["id"].as_str().unwrap().to_owned();
        self.signed_in(Caller { id, name: "Admin".to_owned(), email, ..self.anyone() }).await
    }

    /// Returns a new technician with this name, signed in. The admin acts only over HTTP.
    pub(crate) async fn technician(&self, admin: &Caller, name: &str) -> Caller {
        if self.accounts == Accounts::Stored {
            let email = new_address(name);
            let id = Box::pin(self.account(name, &email, Role::Technician, NETWORK)).await;
            return self.signed_in(Caller { id, name: name.to_owned(), email, ..self.anyone() }).await;
        }
        let user = self.user(name).await;
        admin.put(&format!("/v1/users/{}/role", user.id), json!({"role": "technician"})).await.expect(200);
        self.signed_in(user).await
    }

    /// Returns the same person with new tokens.
    pub(crate) async fn signed_in(&self, caller: Caller) -> Caller {
        if self.accounts == Accounts::Stored {
            return Box::pin(self.with_session(caller)).await;
        }
        let body = json!({"email": caller.email, "password": PASSWORD});
        let tokens = self.anyone().post("/v1/auth/login", body).await.expect(200).body;
        let refresh_token = tokens["refresh_token"].as_str().unwrap().to_owned();
        Caller { refresh_token, ..caller.with_token(tokens["access_token"].as_str().unwrap()) }
    }

    /// Stores an account that is known in a network, as its functions would
    /// (`auth-reset-password`, `users-create-admin`, `users-set-role`), and returns its id.
    pub(crate) async fn account(&self, name: &str, email: &str, role: Role, network: &str) -> String {
        let body = json!({"name": name, "email": email});
        let Registration { name, email } = Registration::from_body(body).unwrap();
        let (now, from) = (clock::now(), SignIn::new(&email.normalised(), Some(network.to_owned())));
        let id = UserId::new(now, clock::id_bytes());
        let user = User::register(id, name, email, role, now);
        self.store().register(&user, PASSWORD_HASH.clone()).await.unwrap();
        self.store().complete_sign_in(&from, Admission::Unthrottled, now).await;
        id.to_string()
    }

    /// Begins a session as `auth-login` does once it has found the password right.
    async fn with_session(&self, caller: Caller) -> Caller {
        let account = self.store().account(caller.id.parse().unwrap()).await.unwrap().unwrap();
        assert!(account.user.active, "{}", caller.email);
        let parameter = |name: &str| self.stack.parameter(name).unwrap().to_owned();
        let key = &self.stack.signing_key().pem;
        let issuer = TokenIssuer::new(parameter("TokenIssuer"), parameter("TokenAudience"), key).unwrap();
        let tokens = Sessions::new(self.store(), issuer).begin(&account, clock::now()).await.unwrap();
        Caller { refresh_token: tokens.refresh_token.to_text(), ..caller.with_token(tokens.access_token) }
    }

    fn store(&self) -> Store {
        Store::new(self.dynamodb(), self.stack.table_name().to_owned())
    }
}
