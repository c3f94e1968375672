//! `POST /v1/auth/logout`: signs a device out. Always returns 204, so that the response does not
//! reveal whether the token was valid.

use api::{Reply, Request, SessionCookie};
use desk::Desk;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    let state = (Desk::open(&config).await?, SessionCookie::configured(&config)?);
    api::serve(&config, state, logout).await
}

async fn logout((desk, cookie): &(Desk, SessionCookie), request: Request) -> api::Result<Reply> {
    let transport = cookie.transport(&request)?;
    if let Some(token) = transport.token(&request)? {
        desk.sign_out(&token).await?;
    }
    Ok(transport.signed_out())
}
