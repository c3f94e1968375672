//! `GET /v1/users/{id}`: returns any user's account, for staff.

use api::{Reply, Request, UserView};
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
    request.authorize(DeskAction::SeeUser, tokens)?;
    Reply::ok(&UserView::from(desk.user(request.path_parameter("id")?).await?))
}
