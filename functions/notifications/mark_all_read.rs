//! `POST /v1/notifications/read-all`: marks everything in the caller's inbox as read.

use api::{Reply, Request};
use desk::Desk;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), mark_all_read).await
}

async fn mark_all_read((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::UseInbox, tokens)?;
    request.require_no_fields()?;
    desk.mark_inbox_read(actor.id, request.received_at()).await?;
    Ok(Reply::no_content())
}
