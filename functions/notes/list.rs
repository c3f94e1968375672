//! `GET /v1/tickets/{number}/notes` — what staff noted on a ticket, oldest first.

use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Reply, Request, note_page};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve_queries((Store::open().await?, AccessTokens::from_env()?), list).await
}

async fn list((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    note_page(store, tokens, &request).await
}
