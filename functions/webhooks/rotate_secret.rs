//! `POST /v1/webhooks/{id}/rotate-secret` — a new secret, shown once. The one before signs beside it for a day.

use api::{Reply, Request, WebhookSecretView};
use domain::permission::DeskAction;
use domain::webhook::WebhookSecret;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;
use edges::{Fatal, clock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), rotate).await
}

async fn rotate((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ManageWebhooks, tokens)?;
    request.no_fields()?;
    let (secret, now) = (WebhookSecret::new(clock::random()), request.received_at());
    let id = request.path_parameter("id")?;
    let changed = store.change_webhook(id, Some(actor.id), |webhook| webhook.with_secret(secret.clone(), now)).await?;
    Reply::ok(&WebhookSecretView::from(changed))
}
