//! Queue → accounts: ends sessions, releases tickets, and mails password resets, registrations,
//! invitations and new addresses, as account events require.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use edges::Fatal;
use edges::clock::Deadline;
use edges::config::Config;
use events::AccountWorker;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    events::serve(&config, AccountWorker::open(&config).await?, handle).await
}

async fn handle(accounts: &AccountWorker, batch: SqsEvent, deadline: Deadline) -> Result<SqsBatchResponse, Fatal> {
    Ok(events::handle_account_events(accounts, batch, deadline).await)
}
