//! `PUT /v1/me/notification-preferences`: replaces the caller's notification preferences.

use api::{PreferencesView, Reply, Request};
use desk::Desk;
use domain::notification::Preferences;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), replace).await
}

async fn replace((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::UseInbox, tokens)?;
    let body = request.json()?;
    // A user who ended all mails gets some again only by naming which.
    let names_mails = body.get("email").is_some();
    let chosen = Preferences::from_body(body)?;
    Reply::ok(&PreferencesView::from(desk.replace_preferences(actor.id, &chosen, names_mails).await?))
}
