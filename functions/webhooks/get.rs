//! `GET /v1/webhooks/{id}` — one webhook.

use domain::permission::DeskAction;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Problem, Reply, Request, WebhookView};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), get).await
}

async fn get((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    request.actor_who_may(DeskAction::ManageWebhooks, tokens)?;
    let webhook = store.webhook(request.path_parameter("id")?).await?.ok_or(Problem::NotFound)?;
    Reply::ok(&WebhookView::from(webhook))
}
