//! `GET /v1/webhooks` — where events are posted, the first made first.

use api::{Paging, Reply, Request, WebhookView};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), list).await
}

async fn list((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ManageWebhooks, tokens)?;
    let (paging, _) = Paging::read(&request, &actor, &[])?;
    let page = store.webhooks(paging.after(), paging.limit).await?;
    paging.reply(page, WebhookView::from)
}
