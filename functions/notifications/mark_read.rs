//! `POST /v1/notifications/{id}/read`: marks one of the caller's notifications as read.

use api::{Reply, Request};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, mark_read).await
}

async fn mark_read((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::UseInbox, callers).await?;
    let id = request.path_parameter("id")?;
    request.require_no_fields()?;
    desk.mark_notification_read(&caller.person, id, request.received_at()).await?;
    Ok(Reply::no_content())
}
