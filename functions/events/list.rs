//! `GET /v1/tickets/{number}/events` — what happened to a ticket, oldest first.

use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, EventView, Reply, Request, log_page};
use platform::store::{LogKind, Store};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve_queries((Store::open().await?, AccessTokens::from_env()?), list).await
}

async fn list((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    log_page(store, tokens, &request, LogKind::Events, EventView::from).await
}
