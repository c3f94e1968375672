//! `GET /v1/audit`: lists what was done to accounts and webhooks, newest first.

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
    let page = desk.audit(request.received_at(), paging.page_request()).await?;
    paging.reply(page, AuditView::from)
}
