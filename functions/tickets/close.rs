//! `POST /v1/tickets/{number}/close`: confirms a ticket's resolution and closes the ticket
//! permanently.

use api::{Reply, Request, execute_command};
use desk::{Callers, Desk};
use domain::lifecycle::Command;
use domain::ticket::CommandRequest;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, close).await
}

async fn close(state: &(Desk, Callers), request: Request) -> api::Result<Reply> {
    execute_command(state, &request, Command::Close, CommandRequest::close).await
}
