//! `POST /v1/tickets/{number}/release`: puts a ticket back into the ticket queue, at its assignee's
//! request.

use api::{Reply, Request, execute_command};
use desk::Desk;
use domain::ticket::CommandRequest;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), release).await
}

async fn release(state: &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    execute_command(state, &request, CommandRequest::release).await
}
