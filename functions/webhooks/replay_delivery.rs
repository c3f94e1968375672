//! `POST /v1/webhooks/{id}/deliveries/{delivery}/replay` — an admin has an event posted again, byte for byte, with the whole
//! schedule before it.

use domain::permission::DeskAction;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::config::name;
use platform::http::{self, DeliveryView, Reply, Request};
use platform::queue::Queue;
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let [queue] = Queue::open([name::WEBHOOKS_QUEUE_URL]).await?;
    http::serve((Store::open().await?, AccessTokens::from_env()?, queue), replay).await
}

async fn replay((store, tokens, queue): &(Store, AccessTokens, Queue), request: Request) -> http::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ManageWebhooks, tokens)?;
    request.no_fields()?;
    let (webhook, event) = (request.path_parameter("id")?, request.path_parameter("delivery")?);
    let delivery = http::replayed(store, queue, webhook, event, actor.id, request.received_at()).await?;
    Reply::accepted_with(&DeliveryView::from(delivery))
}
