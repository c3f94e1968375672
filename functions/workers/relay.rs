//! Stream → queues: sends every log entry and account event that was committed on its way.
use aws_lambda_events::event::dynamodb::Event;
use aws_lambda_events::event::streams::DynamoDbEventResponse;
use edges::Fatal;
use edges::clock::Deadline;
use events::EventQueues;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    events::serve(EventQueues::open().await?, relay).await
}

async fn relay(queues: &EventQueues, batch: Event, deadline: Deadline) -> Result<DynamoDbEventResponse, Fatal> {
    Ok(events::relay(queues, batch, deadline).await)
}
