//! Queue → inbox, mail and webhooks: tells everybody who should know of an event.
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use edges::Fatal;
use edges::clock::Deadline;
use edges::store::Store;
use events::Channels;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    events::serve((Store::open().await?, Channels::open().await?), notify).await
}

async fn notify(state: &(Store, Channels), batch: SqsEvent, deadline: Deadline) -> Result<SqsBatchResponse, Fatal> {
    Ok(events::notify(state, batch, deadline).await)
}
