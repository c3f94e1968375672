//! `PATCH /v1/webhooks/{id}`: changes a webhook, or switches it off or on.

use api::{Reply, Request, WebhookView};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use domain::webhook::{Reach, WebhookPatch};
use edges::Fatal;
use edges::config::Config;
use edges::webhook;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    let (desk, callers) = Desk::with_callers(&config).await?;
    api::serve(&config, (desk, callers, webhook::reach(&config)?), update).await
}

async fn update((desk, callers, reach): &(Desk, Callers, Reach), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::ManageWebhooks, callers).await?;
    let (id, patch) = (request.path_parameter("id")?, WebhookPatch::from_body(request.json()?, *reach)?);
    let webhook = desk.update_webhook(id, &patch, caller.actor(), request.received_at()).await?;
    Reply::ok(&WebhookView::from(webhook))
}
