//! No route: somebody with the right to invoke this function puts dead letters back where they came from.
//!
//! `events/workers-redrive.json` is what it is invoked with; `cargo local redrive <queue>` does it locally.

use edges::Fatal;
use edges::clock::Deadline;
use edges::config::Config;
use events::{DeadLetters, RedriveRequest, Redriven};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    events::serve(&config, DeadLetters::open(&config).await?, redrive).await
}

async fn redrive(letters: &DeadLetters, request: RedriveRequest, deadline: Deadline) -> Result<Redriven, Fatal> {
    events::redrive(letters, request.queue, deadline).await
}
