//! `DELETE /v1/me/sessions/{id}` — somebody signs a device out: it gets no more access tokens.

use api::{Problem, Reply, Request};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), end).await
}

async fn end((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ManageOwnAccount, tokens)?;
    if store.end_session_of(actor.id, request.path_parameter("id")?).await? {
        Ok(Reply::no_content())
    } else {
        Err(Problem::NotFound)
    }
}
