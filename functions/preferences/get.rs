//! `GET /v1/me/notification-preferences` — what somebody is told of, over which channel and in which language.

use domain::permission::DeskAction;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, PreferencesView, Reply, Request};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), get).await
}

async fn get((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::UseInbox, tokens)?;
    Reply::ok(&PreferencesView::from(store.preferences(actor.id).await?))
}
