//! `GET /v1/tickets/{number}/comments` — what was said on a ticket, oldest first.

use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, CommentView, Reply, Request, log_page};
use platform::store::{LogKind, Store};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve_queries((Store::open().await?, AccessTokens::from_env()?), list).await
}

async fn list((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    log_page(store, tokens, &request, LogKind::Comments, CommentView::from).await
}
