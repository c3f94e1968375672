//! `GET /v1/me`: returns the caller's account.

use api::{Reply, Request, UserView};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, me).await
}

async fn me((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::SeeOwnAccount, callers).await?;
    Reply::ok(&UserView::from(desk.user(caller.person.id).await?))
}
