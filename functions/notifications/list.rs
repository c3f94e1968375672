//! `GET /v1/notifications`: lists the caller's inbox, newest first.

use api::{NotificationView, Paging, Reply, Request};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, Desk::with_callers(&config).await?, list).await
}

async fn list((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::UseInbox, callers).await?;
    let (paging, query) = Paging::read(&request, caller.actor(), &["unread"])?;
    let unread = query.parse("unread", "true or false", |value| value.parse().ok())?.unwrap_or(false);
    let page = desk.notifications(&caller.person, unread, request.received_at(), paging.page_request()).await?;
    paging.reply(page, NotificationView::from)
}
