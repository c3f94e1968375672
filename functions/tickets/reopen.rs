//! `POST /v1/tickets/{number}/reopen` — the resolution of a ticket did not hold.

use domain::ticket::CommandRequest;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Reply, Request, command};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), reopen).await
}

async fn reopen((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    command(store, tokens, &request, CommandRequest::reopen).await
}
