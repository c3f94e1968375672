//! `POST /v1/notifications/{id}/read` — somebody read a notification of theirs.

use domain::permission::DeskAction;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Problem, Reply, Request};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), mark_read).await
}

async fn mark_read((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::UseInbox, tokens)?;
    let id = request.path_parameter("id")?;
    request.no_fields()?;
    if store.mark_read(&actor, id, request.received_at()).await? {
        Ok(Reply::no_content())
    } else {
        Err(Problem::NotFound)
    }
}
