//! `POST /v1/auth/logout`: signs a device out. Always returns 204, so that the response does not
//! reveal whether the token was valid.

use api::{Reply, Request};
use desk::Desk;
use edges::Fatal;
use edges::auth::refresh::RefreshToken;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::open(&config).await?, logout).await
}

async fn logout(desk: &Desk, request: Request) -> api::Result<Reply> {
    if let Some(token) = RefreshToken::from_body(request.json()?)? {
        desk.sign_out(&token).await?;
    }
    Ok(Reply::no_content())
}
