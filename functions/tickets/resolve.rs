//! `POST /v1/tickets/{number}/resolve` — its assignee gives a ticket's resolution.

use domain::ticket::CommandRequest;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Reply, Request, command};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), resolve).await
}

async fn resolve((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    command(store, tokens, &request, CommandRequest::resolve).await
}
