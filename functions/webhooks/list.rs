//! `GET /v1/webhooks`: lists the webhooks, oldest first.

use api::{Paging, Reply, Request, WebhookView};
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
    let caller = request.authorize(DeskAction::ManageWebhooks, callers).await?;
    let (paging, _) = Paging::read(&request, caller.actor(), &[])?;
    paging.reply(desk.webhooks(paging.page_request()).await?, WebhookView::from)
}
