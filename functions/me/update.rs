//! `PATCH /v1/me`: changes the caller's name.

use api::{Reply, Request, UserView};
use desk::Desk;
use domain::permission::DeskAction;
use domain::user::UserPatch;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), update).await
}

async fn update((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::ManageOwnAccount, tokens)?;
    let patch = UserPatch::from_body_for_self(request.json()?)?;
    Reply::ok(&UserView::from(desk.update_own(&actor, &patch, request.received_at()).await?))
}
