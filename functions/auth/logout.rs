//! `POST /v1/auth/logout`: signs a device out. Always answers 204, so that nobody learns whether
//! the token was valid.

use api::{Reply, Request};
use edges::Fatal;
use edges::auth::refresh::RefreshToken;
use edges::config::Config;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Store::open(&config).await?, logout).await
}

async fn logout(store: &Store, request: Request) -> api::Result<Reply> {
    if let Some(token) = RefreshToken::from_body(request.json()?)? {
        store.end_session(&token).await?;
    }
    Ok(Reply::no_content())
}
