//! `POST /v1/auth/refresh`: issues a device's next access token.

use api::{Reply, Request, TokensView};
use desk::sessions::Sessions;
use edges::Fatal;
use edges::auth::InvalidToken;
use edges::auth::refresh::RefreshToken;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Sessions::open(&config).await?, refresh).await
}

async fn refresh(sessions: &Sessions, request: Request) -> api::Result<Reply> {
    let token = RefreshToken::from_body(request.json()?)?.ok_or(InvalidToken("not a refresh token"))?;
    let tokens = sessions.refresh(&token, request.received_at()).await?;
    Reply::ok(&TokensView::from(tokens))
}
