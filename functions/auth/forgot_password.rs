//! `POST /v1/auth/password/forgot` — somebody wants a new password, and is mailed a link if there is an account.
//!
//! Whether there is one is not looked up here: the same write and the same answer for any address.

use domain::user::PasswordResetRequest;
use platform::Fatal;
use platform::http::{self, Reply, Request};
use platform::store::{Attempt, Store};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve(Store::open().await?, forgot_password).await
}

async fn forgot_password(store: &Store, request: Request) -> http::Result<Reply> {
    let email = PasswordResetRequest::from_body(request.json()?)?.email.normalised();
    let now = request.received_at();
    let from = request.network().map(|network| Attempt::ResetFrom { network });
    let attempts: Vec<Attempt> = [Attempt::Reset { email: email.clone() }].into_iter().chain(from).collect();
    store.count_attempts(&attempts, now).await?;
    store.request_reset(email, now).await?;
    Ok(Reply::accepted())
}
