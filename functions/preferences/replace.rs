//! `PUT /v1/me/notification-preferences` — somebody chooses what they are told of.

use domain::notification::Preferences;
use domain::permission::DeskAction;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, PreferencesView, Reply, Request};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), replace).await
}

async fn replace((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::UseInbox, tokens)?;
    let chosen = Preferences::from_body(request.json()?)?;
    store.choose(actor.id, &chosen).await?;
    Reply::ok(&PreferencesView::from(chosen))
}
