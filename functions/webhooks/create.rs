//! `POST /v1/webhooks`: creates a webhook. The response shows its secret, once.

use api::{Reply, Request, WebhookSecretView};
use desk::Desk;
use domain::permission::DeskAction;
use domain::webhook::{NewWebhook, Reach};
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::webhook;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?, webhook::reach(&config)?), create)
        .await
}

async fn create((desk, tokens, reach): &(Desk, AccessTokens, Reach), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::ManageWebhooks, tokens)?;
    let new = NewWebhook::from_body(request.json()?, *reach)?;
    let webhook = desk.create_webhook(new, &actor, request.received_at()).await?;
    Reply::created(format!("/v1/webhooks/{}", webhook.id), &WebhookSecretView::from(webhook))
}
