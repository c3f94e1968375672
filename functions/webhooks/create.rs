//! `POST /v1/webhooks` — an admin has events posted somewhere. The answer shows the secret, once.

use domain::id::WebhookId;
use domain::permission::DeskAction;
use domain::webhook::{NewWebhook, Reach, WebhookSecret};
use platform::auth::AccessTokens;
use platform::http::{self, Reply, Request, WebhookSecretView};
use platform::store::Store;
use platform::{Fatal, clock, webhook};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?, webhook::reach()?), create).await
}

async fn create((store, tokens, reach): &(Store, AccessTokens, Reach), request: Request) -> http::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ManageWebhooks, tokens)?;
    let new = NewWebhook::from_body(request.json()?, *reach)?;
    let now = request.received_at();
    let webhook = new.made(WebhookId::new(now, clock::id_bytes()), WebhookSecret::new(clock::random()), now);
    store.make_webhook(&webhook, Some(actor.id)).await?;
    Reply::created(format!("/v1/webhooks/{}", webhook.id), &WebhookSecretView::from(webhook))
}
