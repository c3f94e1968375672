//! Stream → queue: sends every log entry that was committed on its way as an event.

use aws_lambda_events::event::dynamodb::Event;
use aws_lambda_events::event::streams::DynamoDbEventResponse;
use platform::Fatal;
use platform::clock::Deadline;
use platform::events::{self, EventQueue};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    events::serve(EventQueue::open().await?, relay).await
}

async fn relay(queue: &EventQueue, batch: Event, deadline: Deadline) -> Result<DynamoDbEventResponse, Fatal> {
    Ok(events::relay(queue, batch, deadline).await)
}
