//! `POST /v1/webhooks/{id}/rotate-secret`: creates a new secret and shows it once. The previous
//! secret also signs for a day.

use api::{Reply, Request, WebhookSecretView};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, rotate).await
}

async fn rotate((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::ManageWebhooks, callers).await?;
    request.require_no_fields()?;
    let webhook = desk.rotate_secret(request.path_parameter("id")?, caller.actor(), request.received_at()).await?;
    Reply::ok(&WebhookSecretView::from(webhook))
}
