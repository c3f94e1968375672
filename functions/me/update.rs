//! `PATCH /v1/me`: changes the caller's name.

use api::{Reply, Request, UserView};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use domain::user::UserPatch;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, update).await
}

async fn update((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::ManageOwnAccount, callers).await?;
    let patch = UserPatch::from_body_for_self(request.json()?)?;
    Reply::ok(&UserView::from(desk.update_own(&caller.person, &patch, request.received_at()).await?))
}
