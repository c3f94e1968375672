//! `GET /v1/me/notification-preferences`: returns what the caller is notified of, over which
//! channels and in which language.

use api::{PreferencesView, Reply, Request};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, get).await
}

async fn get((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::UseInbox, callers).await?;
    Reply::ok(&PreferencesView::from(desk.preferences(caller.person.id).await?))
}
