//! `DELETE /v1/users/{id}`: deactivates a user, who can then no longer sign in. The account and
//! everything the user did stay. The user's tickets in progress go back into the ticket queue.

use api::{Reply, Request};
use desk::Desk;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), deactivate).await
}

async fn deactivate((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::DeactivateUser, tokens)?;
    desk.deactivate(request.path_parameter("id")?, actor, request.received_at()).await?;
    Ok(Reply::no_content())
}
