//! `POST /v1/users/{id}/tokens`: creates an API token of a service account. The response shows it,
//! once.

use api::{NewTokenView, Reply, Request};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use domain::token::NewToken;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, issue).await
}

async fn issue((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let admin = request.authorize_session(DeskAction::IssueToken, callers).await?;
    let new = NewToken::from_body(request.json()?, request.received_at())?;
    let issued = desk.issue_token(new, request.path_parameter("id")?, &admin, request.received_at()).await?;
    Reply::created_without_location(&NewTokenView::from(issued))
}
