//! `GET /v1/webhooks/{id}`: returns a webhook.

use api::{Reply, Request, WebhookView};
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
    request.authorize(DeskAction::ManageWebhooks, callers).await?;
    Reply::ok(&WebhookView::from(desk.webhook(request.path_parameter("id")?).await?))
}
