//! No route: redrives dead letters to the queues they came from, for a caller with the permission
//! to invoke this function.
//!
//! The payload is `events/workers-redrive.json`. `cargo local redrive <queue>` does it locally.

use desk::redrive::{DeadLetters, Redriven};
use edges::Fatal;
use edges::clock::Deadline;
use edges::config::Config;
use events::RedriveRequest;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    events::serve(&config, DeadLetters::open(&config).await?, redrive).await
}

async fn redrive(letters: &DeadLetters, request: RedriveRequest, deadline: Deadline) -> Result<Redriven, Fatal> {
    events::redrive(letters, request, deadline).await
}
