//! `DELETE /v1/users/{id}/tokens/{token_id}`: revokes an API token of any account.

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
    let caller = request.authorize(DeskAction::ManageTokensOfOthers, callers).await?;
    let (user, token) = (request.path_parameter("id")?, request.path_parameter("token_id")?);
    if user == caller.person.id {
        // As at `/v1/me/tokens`, where no API token revokes its neighbours.
        caller.actor().check(DeskAction::ManageTokens)?;
    }
    desk.revoke_token(user, token, caller.actor(), request.received_at()).await?;
    Ok(Reply::no_content())
}
