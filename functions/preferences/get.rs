//! `GET /v1/me/notification-preferences`: returns what the caller is notified of, over which
//! channels and in which language.

use api::{PreferencesView, Reply, Request};
use desk::Desk;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), get).await
}

async fn get((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::UseInbox, tokens)?;
    Reply::ok(&PreferencesView::from(desk.preferences(actor.id).await?))
}
