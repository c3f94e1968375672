//! `POST /v1/tickets/{number}/release` — its assignee puts a ticket back into the queue.
use api::{Reply, Request, command};
use domain::ticket::CommandRequest;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    api::serve((Store::open().await?, AccessTokens::from_env()?), release).await
}

async fn release((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    command(store, tokens, &request, CommandRequest::release).await
}
