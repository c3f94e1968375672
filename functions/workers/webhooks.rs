//! Queue → receivers: posts events to webhooks, on the schedule of Standard Webhooks.
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use edges::Fatal;
use edges::clock::Deadline;
use events::Deliverer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    events::serve(Deliverer::open().await?, post).await
}

async fn post(deliverer: &Deliverer, batch: SqsEvent, deadline: Deadline) -> Result<SqsBatchResponse, Fatal> {
    Ok(events::post_webhooks(deliverer, batch, deadline).await)
}
