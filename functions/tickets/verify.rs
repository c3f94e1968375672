//! `GET /v1/tickets/{number}/verify` — whether a ticket and its log are what was written.

use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Reply, Request, verification};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve_queries((Store::open().await?, AccessTokens::from_env()?), verify).await
}

async fn verify((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    verification(store, tokens, &request).await
}
