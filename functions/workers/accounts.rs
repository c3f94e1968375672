//! Queue → accounts: ends sessions, releases tickets and mails resets, as the events of accounts ask for.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use platform::Fatal;
use platform::clock::Deadline;
use platform::events;
use platform::mail::Mailer;
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    events::serve((Store::open().await?, Mailer::open().await?), follow_up).await
}

async fn follow_up(state: &(Store, Mailer), batch: SqsEvent, deadline: Deadline) -> Result<SqsBatchResponse, Fatal> {
    Ok(events::follow_up_accounts(state, batch, deadline).await)
}
