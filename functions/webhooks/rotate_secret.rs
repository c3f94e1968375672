//! `POST /v1/webhooks/{id}/rotate-secret`: creates a new secret and shows it once. The previous
//! secret also signs for a day.

use api::{Reply, Request, WebhookSecretView};
use desk::Desk;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), rotate).await
}

async fn rotate((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::ManageWebhooks, tokens)?;
    request.require_no_fields()?;
    let webhook = desk.rotate_secret(request.path_parameter("id")?, &actor, request.received_at()).await?;
    Reply::ok(&WebhookSecretView::from(webhook))
}
