//! `GET /v1/webhooks/{id}` — one webhook.

use api::{Problem, Reply, Request, WebhookView};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), get).await
}

async fn get((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    request.actor_who_may(DeskAction::ManageWebhooks, tokens)?;
    let webhook = store.webhook(request.path_parameter("id")?).await?.ok_or(Problem::NotFound)?;
    Reply::ok(&WebhookView::from(webhook))
}
