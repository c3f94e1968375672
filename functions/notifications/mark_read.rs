//! `POST /v1/notifications/{id}/read`: marks one of the caller's notifications as read.

use api::{Reply, Request};
use desk::Desk;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), mark_read).await
}

async fn mark_read((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::UseInbox, tokens)?;
    let id = request.path_parameter("id")?;
    request.require_no_fields()?;
    desk.mark_notification_read(&actor, id, request.received_at()).await?;
    Ok(Reply::no_content())
}
