//! `POST /v1/webhooks/{id}/ping`: tests a webhook by posting an event of its own type to it alone.

use api::{DeliveryView, Reply, Request};
use desk::Desk;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::{Config, name};
use edges::queue::Queue;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    let [queue] = Queue::open(&config, [name::WEBHOOKS_QUEUE_URL]).await?;
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?, queue), ping).await
}

async fn ping((desk, tokens, queue): &(Desk, AccessTokens, Queue), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ManageWebhooks, tokens)?;
    request.no_fields()?;
    let delivery = desk.ping_webhook(queue, request.path_parameter("id")?, actor.id, request.received_at()).await?;
    Reply::accepted_with(&DeliveryView::from(delivery))
}
