//! `PUT /v1/me/notification-preferences`: replaces the caller's notification preferences.

use api::{PreferencesView, Reply, Request};
use desk::{Callers, Desk};
use domain::notification::Preferences;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, replace).await
}

async fn replace((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::UseInbox, callers).await?;
    let body = request.json()?;
    // A user who ended all mails gets some again only by naming which.
    let names_mails = body.get("email").is_some();
    let chosen = Preferences::from_body(body)?;
    Reply::ok(&PreferencesView::from(desk.replace_preferences(caller.person.id, &chosen, names_mails).await?))
}
