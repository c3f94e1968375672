//! Queue → inbox, mail and webhooks: notifies every recipient of an event.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use edges::Fatal;
use edges::clock::Deadline;
use edges::config::Config;
use edges::store::Store;
use events::Channels;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    events::serve(&config, (Store::open(&config).await?, Channels::open(&config).await?), notify).await
}

async fn notify(state: &(Store, Channels), batch: SqsEvent, deadline: Deadline) -> Result<SqsBatchResponse, Fatal> {
    Ok(events::notify(state, batch, deadline).await)
}
