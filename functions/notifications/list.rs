//! `GET /v1/notifications`: lists the caller's inbox, newest first.

use api::{NotificationView, Paging, Reply, Request};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), list).await
}

async fn list((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::UseInbox, tokens)?;
    let (paging, query) = Paging::read(&request, &actor, &["unread"])?;
    let unread = query.parse("unread", "true or false", |value| value.parse().ok())?.unwrap_or(false);
    let (now, after) = (request.received_at(), paging.after());
    let page = store.inbox(&actor, unread, now, after, paging.limit).await?;
    paging.reply(page, NotificationView::from)
}
