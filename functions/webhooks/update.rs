//! `PATCH /v1/webhooks/{id}` — an admin changes a webhook, or switches it off or on again.

use api::{Reply, Request, WebhookView};
use domain::permission::DeskAction;
use domain::webhook::{Reach, WebhookPatch};
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;
use edges::{Fatal, webhook};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?, webhook::reach(&config)?), update)
        .await
}

async fn update((store, tokens, reach): &(Store, AccessTokens, Reach), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ManageWebhooks, tokens)?;
    let (id, patch) = (request.path_parameter("id")?, WebhookPatch::from_body(request.json()?, *reach)?);
    let now = request.received_at();
    let changed = store.change_webhook(id, Some(actor.id), |webhook| webhook.patched(&patch, now)).await?;
    Reply::ok(&WebhookView::from(changed))
}
