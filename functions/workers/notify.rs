//! Queue → inbox: tells everybody who should know of an event.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use platform::Fatal;
use platform::clock::Deadline;
use platform::events;
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    events::serve(Store::open().await?, notify).await
}

async fn notify(store: &Store, batch: SqsEvent, deadline: Deadline) -> Result<SqsBatchResponse, Fatal> {
    Ok(events::notify(store, batch, deadline).await)
}
