//! `GET /v1/tickets/{number}/timeline` — what happened to a ticket and what was said on it, in order; for staff, their notes too.

use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Reply, Request, timeline_page};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve_queries((Store::open().await?, AccessTokens::from_env()?), get).await
}

async fn get((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    timeline_page(store, tokens, &request).await
}
