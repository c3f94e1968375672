//! `GET /v1/tickets/{number}/notes` — what staff noted on a ticket, oldest first.

use api::{Reply, Request, note_page};
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
    note_page(store, tokens, &request).await
}
