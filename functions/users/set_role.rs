//! `PUT /v1/users/{id}/role`: changes a user's role. The user's devices sign in again to get the
//! new permissions. Tokens with the old role stay valid for ten minutes at most.

use api::{Reply, Request, UserView};
use desk::Desk;
use domain::field::Fields;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), set_role).await
}

async fn set_role((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::ChangeRole, tokens)?;
    let role = Fields::read(request.json()?, |fields| fields.required("role"))?;
    let user = desk.change_role(request.path_parameter("id")?, role, actor, request.received_at()).await?;
    Reply::ok(&UserView::from(user))
}
