//! `POST /v1/tickets/{number}/release` — its assignee puts a ticket back into the queue.

use domain::ticket::CommandRequest;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Reply, Request, command};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), release).await
}

async fn release((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    command(store, tokens, &request, CommandRequest::release).await
}
