//! `PUT /v1/me/notification-preferences`: replaces the caller's notification preferences.

use api::{PreferencesView, Problem, Reply, Request};
use domain::notification::Preferences;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), replace).await
}

async fn replace((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::UseInbox, tokens)?;
    let body = request.json()?;
    // A user who ended all mails gets some again only by naming which.
    let says_which_mails = body.get("email").is_some();
    let chosen = Preferences::from_body(body)?;
    if !store.choose(actor.id, &chosen, says_which_mails).await? {
        return Err(Problem::inactive());
    }
    Reply::ok(&PreferencesView::from(store.preferences(actor.id).await?))
}
