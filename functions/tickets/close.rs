//! `POST /v1/tickets/{number}/close` — the resolution of a ticket holds, and the ticket is closed for good.

use domain::ticket::CommandRequest;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Reply, Request, command};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), close).await
}

async fn close((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    command(store, tokens, &request, CommandRequest::close).await
}
