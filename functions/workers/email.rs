//! Queue → mail: mails every recipient who may know of an event and wants to be mailed.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use edges::Fatal;
use edges::clock::Deadline;
use edges::config::Config;
use events::TicketMailer;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    events::serve(&config, TicketMailer::open(&config).await?, mail).await
}

async fn mail(mailer: &TicketMailer, batch: SqsEvent, deadline: Deadline) -> Result<SqsBatchResponse, Fatal> {
    Ok(events::mail_people(mailer, batch, deadline).await)
}
