//! `POST /v1/auth/refresh`: issues a device's next access token.

use api::{Reply, Request, SessionCookie};
use desk::sessions::Sessions;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    let state = (Sessions::open(&config).await?, SessionCookie::configured(&config)?);
    api::serve(&config, state, refresh).await
}

async fn refresh((sessions, cookie): &(Sessions, SessionCookie), request: Request) -> api::Result<Reply> {
    let transport = cookie.transport(&request)?;
    let token = transport.required_token(&request)?;
    let tokens = sessions.refresh(&token, request.received_at()).await?;
    transport.reply(tokens, Some(&token), request.received_at())
}
