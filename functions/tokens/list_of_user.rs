//! `GET /v1/users/{id}/tokens`: lists the API tokens of any account, oldest first.

use api::{Paging, Reply, Request, TokenView};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, Desk::with_callers(&config).await?, list).await
}

async fn list((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::ManageTokensOfOthers, callers).await?;
    let (paging, _) = Paging::read(&request, caller.actor(), &[])?;
    let user = request.path_parameter("id")?;
    if user == caller.person.id {
        // As at `/v1/me/tokens`, where no API token lists its neighbours.
        caller.actor().check(DeskAction::ManageTokens)?;
    }
    let page = desk.tokens_of_user(user, request.received_at(), paging.page_request()).await?;
    paging.reply(page, TokenView::from)
}
