//! `GET /v1/webhooks` — where events are posted, the first made first.

use domain::permission::DeskAction;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Paging, Reply, Request, WebhookView};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve_queries((Store::open().await?, AccessTokens::from_env()?), list).await
}

async fn list((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ManageWebhooks, tokens)?;
    let (paging, _) = Paging::read(&request, &actor, &[])?;
    let page = store.webhooks(paging.after(), paging.limit).await?;
    paging.reply(page, WebhookView::from)
}
