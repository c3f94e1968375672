//! `GET /v1/notifications/unread-count` — how much in one's inbox is unread.

use domain::permission::DeskAction;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Reply, Request, UnreadView};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), count).await
}

async fn count((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::UseInbox, tokens)?;
    Reply::ok(&UnreadView::from(store.unread(&actor, request.received_at()).await?))
}
