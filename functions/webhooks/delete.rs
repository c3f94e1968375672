//! `DELETE /v1/webhooks/{id}`: deletes a webhook. Nothing more is posted to it.

use api::{Reply, Request};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, delete).await
}

async fn delete((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::ManageWebhooks, callers).await?;
    desk.remove_webhook(request.path_parameter("id")?, caller.actor(), request.received_at()).await?;
    Ok(Reply::no_content())
}
