//! `POST /v1/notifications/read-all`: marks everything in the caller's inbox as read.

use api::{Reply, Request};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, mark_all_read).await
}

async fn mark_all_read((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::UseInbox, callers).await?;
    request.require_no_fields()?;
    desk.mark_inbox_read(caller.person.id, request.received_at()).await?;
    Ok(Reply::no_content())
}
