//! `POST /v1/notifications/read-all` — somebody read everything in their inbox.

use domain::permission::DeskAction;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Reply, Request};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), mark_all_read).await
}

async fn mark_all_read((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::UseInbox, tokens)?;
    request.no_fields()?;
    store.mark_all_read(actor.id, request.received_at()).await?;
    Ok(Reply::no_content())
}
