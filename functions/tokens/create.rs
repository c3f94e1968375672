//! `POST /v1/me/tokens`: creates an API token of the caller. The response shows it, once.

use api::{NewTokenView, Reply, Request};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use domain::token::NewToken;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, create).await
}

async fn create((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let bearer = request.authorize_session(DeskAction::ManageTokens, callers).await?;
    let new = NewToken::from_body(request.json()?, request.received_at())?;
    let created = desk.create_token(new, &bearer, request.received_at()).await?;
    Reply::created_without_location(&NewTokenView::from(created))
}
