//! `GET /v1/tickets/{number}/comments` — what was said on a ticket, oldest first.

use api::{CommentView, Reply, Request, log_page};
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::{LogKind, Store};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), list).await
}

async fn list((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    log_page(store, tokens, &request, LogKind::Comments, CommentView::from).await
}
