//! `POST /v1/tickets/{number}/reopen`: reopens a ticket whose resolution did not help.

use api::{Reply, Request, execute_command};
use desk::{Callers, Desk};
use domain::lifecycle::Command;
use domain::ticket::CommandRequest;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, reopen).await
}

async fn reopen(state: &(Desk, Callers), request: Request) -> api::Result<Reply> {
    execute_command(state, &request, Command::Reopen, CommandRequest::reopen).await
}
