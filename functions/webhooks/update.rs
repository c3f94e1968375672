//! `PATCH /v1/webhooks/{id}`: changes a webhook, or switches it off or on.

use api::{Reply, Request, WebhookView};
use desk::Desk;
use domain::permission::DeskAction;
use domain::webhook::{Reach, WebhookPatch};
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::webhook;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?, webhook::reach(&config)?), update)
        .await
}

async fn update((desk, tokens, reach): &(Desk, AccessTokens, Reach), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::ManageWebhooks, tokens)?;
    let (id, patch) = (request.path_parameter("id")?, WebhookPatch::from_body(request.json()?, *reach)?);
    let webhook = desk.update_webhook(id, &patch, &actor, request.received_at()).await?;
    Reply::ok(&WebhookView::from(webhook))
}
