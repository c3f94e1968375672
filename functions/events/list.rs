//! `GET /v1/tickets/{number}/events` — what happened to a ticket, oldest first.
use api::{EventView, Reply, Request, log_page};
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::store::{LogKind, Store};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    api::serve_queries((Store::open().await?, AccessTokens::from_env()?), list).await
}

async fn list((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    log_page(store, tokens, &request, LogKind::Events, EventView::from).await
}
