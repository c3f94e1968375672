//! `POST /v1/webhooks/{id}/deliveries/{delivery}/replay`: posts an event again, byte for byte, with
//! the whole retry schedule ahead of it.

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
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?, queue), replay).await
}

async fn replay((desk, tokens, queue): &(Desk, AccessTokens, Queue), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ManageWebhooks, tokens)?;
    request.no_fields()?;
    let (webhook, event) = (request.path_parameter("id")?, request.path_parameter("delivery")?);
    let delivery = desk.replay_delivery(queue, webhook, event, actor.id, request.received_at()).await?;
    Reply::accepted_with(&DeliveryView::from(delivery))
}
