//! `POST /v1/service-accounts`: creates the account of a program, without an address or a password.

use api::{Reply, Request, UserView};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use domain::user::NewServiceAccount;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, create).await
}

async fn create((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::CreateServiceAccount, callers).await?;
    let new = NewServiceAccount::from_body(request.json()?)?;
    let user = desk.create_service_account(new, caller.actor(), request.received_at()).await?;
    Reply::created(format!("/v1/users/{}", user.id), &UserView::from(user))
}
