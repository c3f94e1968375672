//! `DELETE /v1/users/{id}`: deactivates a user, who can then no longer sign in. The account and
//! everything the user did stay. The user's tickets in progress go back into the ticket queue.

use api::{Reply, Request};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, deactivate).await
}

async fn deactivate((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::DeactivateUser, callers).await?;
    desk.deactivate(request.path_parameter("id")?, caller.actor(), request.received_at()).await?;
    Ok(Reply::no_content())
}
