//! `POST /v1/notifications/{id}/read`: marks one of the caller's notifications as read.

use api::{Problem, Reply, Request};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), mark_read).await
}

async fn mark_read((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::UseInbox, tokens)?;
    let id = request.path_parameter("id")?;
    request.no_fields()?;
    if store.mark_read(&actor, id, request.received_at()).await? {
        Ok(Reply::no_content())
    } else {
        Err(Problem::NotFound)
    }
}
