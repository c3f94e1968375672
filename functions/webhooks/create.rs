//! `POST /v1/webhooks` — an admin has events posted somewhere. The answer shows the secret, once.

use api::{Reply, Request, WebhookSecretView};
use domain::id::WebhookId;
use domain::permission::DeskAction;
use domain::webhook::{NewWebhook, Reach, WebhookSecret};
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;
use edges::{Fatal, clock, webhook};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?, webhook::reach(&config)?), create)
        .await
}

async fn create((store, tokens, reach): &(Store, AccessTokens, Reach), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ManageWebhooks, tokens)?;
    let new = NewWebhook::from_body(request.json()?, *reach)?;
    let now = request.received_at();
    let webhook = new.made(WebhookId::new(now, clock::id_bytes()), WebhookSecret::new(clock::random()), now);
    store.make_webhook(&webhook, Some(actor.id)).await?;
    Reply::created(format!("/v1/webhooks/{}", webhook.id), &WebhookSecretView::from(webhook))
}
