//! `GET /v1/notifications` — one's inbox, newest first.

use domain::permission::DeskAction;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, NotificationView, Paging, Reply, Request};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve_queries((Store::open().await?, AccessTokens::from_env()?), list).await
}

async fn list((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::UseInbox, tokens)?;
    let (paging, query) = Paging::read(&request, &actor, &["unread"])?;
    let unread = query.parse("unread", "true or false", |value| value.parse().ok())?.unwrap_or(false);
    let (now, after) = (request.received_at(), paging.after());
    let page = store.inbox(&actor, unread, now, after, paging.limit).await?;
    paging.reply(page, NotificationView::from)
}
