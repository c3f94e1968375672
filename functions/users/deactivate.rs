//! `DELETE /v1/users/{id}` — an admin bars somebody from signing in. Their account and all they did stay; their tickets in progress
//! go back into the queue.

use domain::permission::DeskAction;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Problem, Reply, Request};
use platform::store::{AccountChange, Store};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), deactivate).await
}

async fn deactivate((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::DeactivateUser, tokens)?;
    let id = request.another_user(&actor)?;
    let change = AccountChange::Deactivate { actor };
    store.end_rights(id, change, request.received_at()).await?.ok_or(Problem::NotFound)?;
    Ok(Reply::no_content())
}
