//! `POST /v1/notifications/read-all`: marks everything in the caller's inbox as read.

use api::{Reply, Request};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), mark_all_read).await
}

async fn mark_all_read((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::UseInbox, tokens)?;
    request.no_fields()?;
    store.mark_all_read(actor.id, request.received_at()).await?;
    Ok(Reply::no_content())
}
