//! `GET /v1/tickets/{number}/verify` — whether a ticket and its log are what was written.

use api::{Reply, Request, verification};
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), verify).await
}

async fn verify((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    verification(store, tokens, &request).await
}
