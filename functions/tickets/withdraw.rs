//! `POST /v1/tickets/{number}/withdraw` — the help is no longer needed, before anybody took the ticket.

use api::{Reply, Request, command};
use domain::ticket::CommandRequest;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), withdraw).await
}

async fn withdraw((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    command(store, tokens, &request, CommandRequest::withdraw).await
}
