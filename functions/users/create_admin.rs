//! No route: somebody with the right to invoke this function makes an admin, the first one among them.
//!
//! `events/users-create-admin.json` is what it is invoked with: by `cargo lambda invoke` locally, by `aws lambda invoke` once deployed.

use api::UserView;
use domain::id::UserId;
use domain::user::{Registration, Role, User};
use edges::auth::password;
use edges::clock::Deadline;
use edges::config::Config;
use edges::json::Payload;
use edges::store::{ChangeUserError, Store};
use edges::{Fatal, clock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    events::serve(&config, Store::open(&config).await?, create_admin).await
}

async fn create_admin(store: &Store, Payload(body): Payload, _: Deadline) -> Result<UserView, Fatal> {
    let Registration { name, email, password } = Registration::from_body(body)?;
    let now = clock::now();
    let user = User::register(UserId::new(now, clock::id_bytes()), name, email, Role::Admin, now);
    let password_hash = password::hash(&password).map_err(|error| error.to_string())?;
    match store.register(&user, password_hash).await {
        Ok(()) => Ok(UserView::from(user)),
        Err(ChangeUserError::EmailTaken) => Err("email-taken: there is an account with this address".into()),
        Err(ChangeUserError::NoAdmin | ChangeUserError::Inactive) => Err("nobody had to have a right for this".into()),
        Err(ChangeUserError::Store(error)) => Err(error.into()),
    }
}
