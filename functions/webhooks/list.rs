//! `GET /v1/webhooks`: lists the webhooks, oldest first.

use api::{Paging, Reply, Request, WebhookView};
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
    let actor = request.authorize(DeskAction::ManageWebhooks, tokens)?;
    let (paging, _) = Paging::read(&request, &actor, &[])?;
    paging.reply(desk.webhooks(paging.page_request()).await?, WebhookView::from)
}
