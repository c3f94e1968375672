//! `POST /v1/auth/password/forgot`: mails a password reset link, if the address has an account.
//!
//! Does not look up here whether there is an account. Every address gets the same calls and the
//! same answer. Once a network has asked too often, only accounts known on that network are mailed.
//! Nothing reveals which accounts these are.

use api::{Reply, Request};
use domain::user::PasswordResetRequest;
use edges::config::Config;
use edges::store::Store;
use edges::{Fatal, limits};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, limits::resets_per_network(&config)?), forgot_password).await
}

async fn forgot_password((store, free): &(Store, u32), request: Request) -> api::Result<Reply> {
    let email = PasswordResetRequest::from_body(request.json()?)?.email.normalised();
    let now = request.received_at();
    let counted = match store.count_reset(email.clone(), request.network(), *free, now).await {
        Ok(counted) => counted,
        Err(refused) => {
            request.refused_with(store.address_hash(&email).await);
            return Err(refused.into());
        }
    };
    store.request_reset(counted, now).await?;
    Ok(Reply::accepted())
}
