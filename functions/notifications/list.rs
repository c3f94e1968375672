//! `GET /v1/notifications`: lists the caller's inbox, newest first.

use api::{NotificationView, Paging, Reply, Request};
use desk::Desk;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), list).await
}

async fn list((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::UseInbox, tokens)?;
    let (paging, query) = Paging::read(&request, &actor, &["unread"])?;
    let unread = query.parse("unread", "true or false", |value| value.parse().ok())?.unwrap_or(false);
    let page = desk.notifications(&actor, unread, request.received_at(), paging.page_request()).await?;
    paging.reply(page, NotificationView::from)
}
