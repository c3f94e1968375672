//! `GET /v1/users/{id}/events`: lists what was done to a user's account, newest first.

use api::{AuditView, Paging, Reply, Request};
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
    let caller = request.authorize(DeskAction::ReadAudit, callers).await?;
    let (paging, _) = Paging::read(&request, caller.actor(), &[])?;
    let page = desk.audit_of_user(request.path_parameter("id")?, paging.page_request()).await?;
    paging.reply(page, AuditView::from)
}
