//! `PUT /v1/users/{id}/role`: changes a user's role. The user's devices sign in again to get the
//! new permissions. Tokens with the old role stay valid for ten minutes at most.

use api::{Reply, Request, UserView};
use desk::{Callers, Desk};
use domain::field::Fields;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, set_role).await
}

async fn set_role((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::ChangeRole, callers).await?;
    let role = Fields::read(request.json()?, |fields| fields.required("role"))?;
    let user = desk.change_role(request.path_parameter("id")?, role, caller.actor(), request.received_at()).await?;
    Reply::ok(&UserView::from(user))
}
