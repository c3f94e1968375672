//! `GET /v1/notifications/unread-count`: counts the unread notifications in the caller's inbox.

use api::{Reply, Request, UnreadView};
use desk::Desk;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), count).await
}

async fn count((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::UseInbox, tokens)?;
    Reply::ok(&UnreadView::from(desk.unread_notifications(&actor, request.received_at()).await?))
}
