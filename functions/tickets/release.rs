//! `POST /v1/tickets/{number}/release`: puts a ticket back into the ticket queue, at its assignee's
//! request.

use api::{Reply, Request, execute_command};
use desk::{Callers, Desk};
use domain::lifecycle::Command;
use domain::ticket::CommandRequest;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, release).await
}

async fn release(state: &(Desk, Callers), request: Request) -> api::Result<Reply> {
    execute_command(state, &request, Command::Release, CommandRequest::release).await
}
