//! `POST /v1/me/password`: changes the caller's password, and signs out all of the caller's other
//! devices.

use api::{Reply, Request};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use domain::user::PasswordChange;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, change_password).await
}

async fn change_password((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let bearer = request.authorize_session(DeskAction::ManageOwnAccount, callers).await?;
    let change = PasswordChange::from_body(request.json()?)?;
    desk.change_password(&bearer, &change, request.received_at()).await?;
    Ok(Reply::no_content())
}
