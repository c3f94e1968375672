//! `DELETE /v1/me/sessions/{id}` — somebody signs a device out: it gets no more access tokens.

use domain::permission::DeskAction;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Problem, Reply, Request};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), end).await
}

async fn end((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ManageOwnAccount, tokens)?;
    if store.end_session_of(actor.id, request.path_parameter("id")?).await? {
        Ok(Reply::no_content())
    } else {
        Err(Problem::NotFound)
    }
}
