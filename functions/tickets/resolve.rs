//! `POST /v1/tickets/{number}/resolve`: resolves a ticket with its assignee's resolution.

use api::{Reply, Request, execute_command};
use desk::{Callers, Desk};
use domain::lifecycle::Command;
use domain::ticket::CommandRequest;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, resolve).await
}

async fn resolve(state: &(Desk, Callers), request: Request) -> api::Result<Reply> {
    execute_command(state, &request, Command::Resolve, CommandRequest::resolve).await
}
