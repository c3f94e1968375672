//! Queue → accounts: ends sessions, releases tickets and mails password resets, as account events
//! require.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use edges::Fatal;
use edges::clock::Deadline;
use edges::config::Config;
use events::Accounts;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    events::serve(&config, Accounts::open(&config).await?, follow_up).await
}

async fn follow_up(accounts: &Accounts, batch: SqsEvent, deadline: Deadline) -> Result<SqsBatchResponse, Fatal> {
    Ok(events::follow_up_accounts(accounts, batch, deadline).await)
}
