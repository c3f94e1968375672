//! `DELETE /v1/webhooks/{id}` — nothing more is posted there.

use domain::permission::DeskAction;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Reply, Request};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), delete).await
}

async fn delete((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ManageWebhooks, tokens)?;
    store.remove_webhook(request.path_parameter("id")?, actor.id).await?;
    Ok(Reply::no_content())
}
