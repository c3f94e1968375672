//! `POST /v1/auth/password/forgot` — somebody wants a new password, and is mailed a link if there is an account.
//!
//! Whether there is one is not looked up here: the same write and the same answer for any address.

use api::{Reply, Request};
use domain::user::PasswordResetRequest;
use edges::config::Config;
use edges::store::Store;
use edges::{Fatal, limits};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, limits::resets_per_network(&config)?), forgot_password).await
}

async fn forgot_password((store, free): &(Store, u32), request: Request) -> api::Result<Reply> {
    let email = PasswordResetRequest::from_body(request.json()?)?.email.normalised();
    let (network, now) = (request.network(), request.received_at());
    if let Err(refused) = store.count_reset(&email, network.as_deref(), *free, now).await {
        request.refused_with(store.address_hash(&email).await);
        return Err(refused.into());
    }
    store.request_reset(email, network, now).await?;
    Ok(Reply::accepted())
}
