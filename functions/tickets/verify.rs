//! `GET /v1/tickets/{number}/verify` — whether a ticket and its log are what was written.
use api::{Reply, Request, verification};
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    api::serve_queries((Store::open().await?, AccessTokens::from_env()?), verify).await
}

async fn verify((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    verification(store, tokens, &request).await
}
