//! `GET /v1/users/{id}/events`: lists what was done to a user's account, newest first.

use api::{AuditView, Paging, Reply, Request};
use desk::Desk;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), list).await
}

async fn list((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::ReadAudit, tokens)?;
    let (paging, _) = Paging::read(&request, &actor, &[])?;
    let page = desk.audit_of_user(request.path_parameter("id")?, paging.page_request()).await?;
    paging.reply(page, AuditView::from)
}
