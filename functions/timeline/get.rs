//! `GET /v1/tickets/{number}/timeline` — what happened to a ticket and what was said on it, in order; for staff, their notes too.

use api::{Reply, Request, timeline_page};
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), get).await
}

async fn get((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    timeline_page(store, tokens, &request).await
}
