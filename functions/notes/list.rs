//! `GET /v1/tickets/{number}/notes` — what staff noted on a ticket, oldest first.
use api::{Reply, Request, note_page};
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    api::serve_queries((Store::open().await?, AccessTokens::from_env()?), list).await
}

async fn list((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    note_page(store, tokens, &request).await
}
