//! `DELETE /v1/me/tokens/{id}`: revokes an API token of the caller.

use api::{Reply, Request};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, revoke).await
}

async fn revoke((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::ManageTokens, callers).await?;
    desk.revoke_own_token(&caller.person, request.path_parameter("id")?, request.received_at()).await?;
    Ok(Reply::no_content())
}
