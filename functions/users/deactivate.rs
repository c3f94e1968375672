//! `DELETE /v1/users/{id}` — an admin bars somebody from signing in. Their account and all they did stay; their tickets in progress
//! go back into the queue.

use api::{Problem, Reply, Request};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::{AccountChange, Store};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), deactivate).await
}

async fn deactivate((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::DeactivateUser, tokens)?;
    let id = request.another_user(&actor)?;
    let change = AccountChange::Deactivate { actor };
    store.end_rights(id, change, request.received_at()).await?.ok_or(Problem::NotFound)?;
    Ok(Reply::no_content())
}
