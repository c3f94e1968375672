//! `POST /v1/tickets/{number}/withdraw` — the help is no longer needed, before anybody took the ticket.

use domain::ticket::CommandRequest;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Reply, Request, command};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), withdraw).await
}

async fn withdraw((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    command(store, tokens, &request, CommandRequest::withdraw).await
}
