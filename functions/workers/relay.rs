//! Stream → queues: sends every committed log entry and account event to its queue.

use aws_lambda_events::event::dynamodb::Event;
use aws_lambda_events::event::streams::DynamoDbEventResponse;
use edges::Fatal;
use edges::clock::Deadline;
use edges::config::Config;
use events::EventQueues;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    events::serve(&config, EventQueues::open(&config).await?, relay).await
}

async fn relay(queues: &EventQueues, batch: Event, deadline: Deadline) -> Result<DynamoDbEventResponse, Fatal> {
    Ok(events::relay(queues, batch, deadline).await)
}
