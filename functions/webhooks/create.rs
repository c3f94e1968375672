//! `POST /v1/webhooks`: creates a webhook. The response shows its secret, once.

use api::{Reply, Request, WebhookSecretView};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use domain::webhook::{NewWebhook, Reach};
use edges::Fatal;
use edges::config::Config;
use edges::webhook;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    let (desk, callers) = Desk::with_callers(&config).await?;
    api::serve(&config, (desk, callers, webhook::reach(&config)?), create).await
}

async fn create((desk, callers, reach): &(Desk, Callers, Reach), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::ManageWebhooks, callers).await?;
    let new = NewWebhook::from_body(request.json()?, *reach)?;
    let webhook = desk.create_webhook(new, caller.actor(), request.received_at()).await?;
    Reply::created(format!("/v1/webhooks/{}", webhook.id), &WebhookSecretView::from(webhook))
}
