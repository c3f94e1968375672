//! `GET /v1/me`: returns the caller's account.

use api::{Reply, Request, UserView};
use desk::Desk;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), me).await
}

async fn me((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::SeeOwnAccount, tokens)?;
    Reply::ok(&UserView::from(desk.user(actor.id).await?))
}
