//! `PATCH /v1/users/{id}`: changes a user's name or address, or reactivates a deactivated user.

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
    let actor = request.authorize(DeskAction::UpdateUser, tokens)?;
    let (id, patch) = (request.path_parameter("id")?, UserPatch::from_body(request.json()?)?);
    Reply::ok(&UserView::from(desk.update_user(id, &patch, actor, request.received_at()).await?))
}
