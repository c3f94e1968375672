//! `GET /v1/users/{id}`: returns any user's account, for staff.

use api::{Reply, Request, UserView};
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
    request.authorize(DeskAction::SeeUser, callers).await?;
    Reply::ok(&UserView::from(desk.user(request.path_parameter("id")?).await?))
}
