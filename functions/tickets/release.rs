//! `POST /v1/tickets/{number}/release` — its assignee puts a ticket back into the queue.

use api::{Reply, Request, command};
use domain::ticket::CommandRequest;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), release).await
}

async fn release((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    command(store, tokens, &request, CommandRequest::release).await
}
