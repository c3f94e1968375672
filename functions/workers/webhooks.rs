//! Queue → receivers: posts events to webhooks, on the retry schedule of Standard Webhooks.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use edges::Fatal;
use edges::clock::Deadline;
use edges::config::Config;
use events::WebhookWorker;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    events::serve(&config, WebhookWorker::open(&config).await?, post).await
}

async fn post(worker: &WebhookWorker, batch: SqsEvent, deadline: Deadline) -> Result<SqsBatchResponse, Fatal> {
    Ok(events::post_webhooks(worker, batch, deadline).await)
}
