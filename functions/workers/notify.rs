//! Queue → inbox, mail and webhooks: tells everybody who should know of an event.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use platform::Fatal;
use platform::clock::Deadline;
use platform::events::{self, Channels};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    events::serve((Store::open().await?, Channels::open().await?), notify).await
}

async fn notify(state: &(Store, Channels), batch: SqsEvent, deadline: Deadline) -> Result<SqsBatchResponse, Fatal> {
    Ok(events::notify(state, batch, deadline).await)
}
