//! `GET /v1/notifications/unread-count`: counts the unread notifications in the caller's inbox.

use api::{Reply, Request, UnreadView};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, count).await
}

async fn count((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::UseInbox, callers).await?;
    Reply::ok(&UnreadView::from(desk.unread_notifications(&caller.person, request.received_at()).await?))
}
