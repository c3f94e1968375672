//! `POST /v1/auth/register` — somebody gets an account.

use domain::id::UserId;
use domain::user::{Registration, Role, User};
use platform::auth::password;
use platform::http::{self, Reply, Request, UserView};
use platform::store::{Attempt, Store};
use platform::{Fatal, clock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve(Store::open().await?, register).await
}

async fn register(store: &Store, request: Request) -> http::Result<Reply> {
    let Registration { name, email, password } = Registration::from_body(request.json()?)?;
    let now = request.received_at();
    let from = request.network().map(|network| Attempt::RegisterFrom { network });
    store.count_attempts(from.as_slice(), now).await?;
    let user = User::register(UserId::new(now, clock::id_bytes()), name, email, Role::User, now);
    store.register(&user, password::hash(&password)?).await?;
    Reply::created(format!("/v1/users/{}", user.id), &UserView::from(user))
}
