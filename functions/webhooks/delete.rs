//! `DELETE /v1/webhooks/{id}`: deletes a webhook. Nothing more is posted to it.

use api::{Reply, Request};
use desk::Desk;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), delete).await
}

async fn delete((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::ManageWebhooks, tokens)?;
    desk.remove_webhook(request.path_parameter("id")?, &actor, request.received_at()).await?;
    Ok(Reply::no_content())
}
