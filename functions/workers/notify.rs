//! Queue → inbox, mail and webhooks: notifies every recipient of an event.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use edges::Fatal;
use edges::clock::Deadline;
use edges::config::Config;
use events::NotifyWorker;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    events::serve(&config, NotifyWorker::open(&config).await?, notify).await
}

async fn notify(worker: &NotifyWorker, batch: SqsEvent, deadline: Deadline) -> Result<SqsBatchResponse, Fatal> {
    Ok(events::notify(worker, batch, deadline).await)
}
