//! Queue → mail: mails every recipient who may know of an event and wants to be mailed.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use edges::Fatal;
use edges::clock::Deadline;
use edges::config::Config;
use events::MailWorker;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    events::serve(&config, MailWorker::open(&config).await?, mail).await
}

async fn mail(worker: &MailWorker, batch: SqsEvent, deadline: Deadline) -> Result<SqsBatchResponse, Fatal> {
    Ok(events::send_mails(worker, batch, deadline).await)
}
