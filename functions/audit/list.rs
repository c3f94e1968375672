//! `GET /v1/audit`: lists what was done to accounts and webhooks, newest first.

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
    let page = desk.audit(request.received_at(), paging.page_request()).await?;
    paging.reply(page, AuditView::from)
}
