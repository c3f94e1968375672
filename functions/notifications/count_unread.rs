//! `GET /v1/notifications/unread-count`: counts the unread notifications in the caller's inbox.

use api::{Reply, Request, UnreadView};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), count).await
}

async fn count((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::UseInbox, tokens)?;
    Reply::ok(&UnreadView::from(store.unread(&actor, request.received_at()).await?))
}
