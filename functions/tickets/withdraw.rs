//! `POST /v1/tickets/{number}/withdraw` — the help is no longer needed, before anybody took the ticket.
use api::{Reply, Request, command};
use domain::ticket::CommandRequest;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    api::serve((Store::open().await?, AccessTokens::from_env()?), withdraw).await
}

async fn withdraw((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    command(store, tokens, &request, CommandRequest::withdraw).await
}
