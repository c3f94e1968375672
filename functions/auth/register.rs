//! `POST /v1/auth/register`: creates an account for a new user.

use api::{Reply, Request, UserView};
use domain::id::UserId;
use domain::user::{Registration, Role, User};
use edges::auth::password;
use edges::config::Config;
use edges::store::{SignIn, Store};
use edges::{Fatal, clock, limits};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, limits::registrations_per_network(&config)?), register).await
}

async fn register((store, free): &(Store, u32), request: Request) -> api::Result<Reply> {
    let registration = Registration::from_body(request.json()?)?;
    let email = registration.email.normalised();
    let registered = make_account(store, *free, registration, &request).await;
    if registered.is_err() {
        request.refused_with(store.address_hash(&email).await);
    }
    registered
}

async fn make_account(store: &Store, free: u32, registration: Registration, request: &Request) -> api::Result<Reply> {
    let Registration { name, email, password } = registration;
    let (network, now) = (request.network(), request.received_at());
    store.count_registration(network.as_deref(), free, now).await?;
    let from = SignIn::new(&email.normalised(), network);
    let user = User::register(UserId::new(now, clock::id_bytes()), name, email, Role::User, now);
    store.register_from(&from, &user, password::hash(&password)?).await?;
    Reply::created(format!("/v1/users/{}", user.id), &UserView::from(user))
}
