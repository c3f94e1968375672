//! `POST /v1/tickets/{number}/withdraw`: withdraws a ticket that no technician has taken yet,
//! because the help is no longer needed.

use api::{Reply, Request, execute_command};
use desk::Desk;
use domain::ticket::CommandRequest;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), withdraw).await
}

async fn withdraw(state: &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    execute_command(state, &request, CommandRequest::withdraw).await
}
