//! `POST /v1/webhooks/{id}/ping` — an admin tries a webhook out: an event of its own type is posted to it alone.

use domain::id::EventId;
use domain::permission::DeskAction;
use platform::auth::AccessTokens;
use platform::config::name;
use platform::events::{DeliveryOrder, PING};
use platform::http::{self, DeliveryView, Reply, Request};
use platform::queue::Queue;
use platform::store::Store;
use platform::{Fatal, clock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let [queue] = Queue::open([name::WEBHOOKS_QUEUE_URL]).await?;
    http::serve((Store::open().await?, AccessTokens::from_env()?, queue), ping).await
}

async fn ping((store, tokens, queue): &(Store, AccessTokens, Queue), request: Request) -> http::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ManageWebhooks, tokens)?;
    request.no_fields()?;
    let webhook = store.webhook(request.path_parameter("id")?).await?.ok_or(http::Problem::NotFound)?;
    let event_id = EventId::new(request.received_at(), clock::id_bytes());
    let order = DeliveryOrder::ping(webhook.id, event_id, request.received_at());
    let delivery = http::delivering(store, queue, &order, PING, actor.id, request.received_at()).await?;
    Reply::accepted_with(&DeliveryView::from(delivery))
}
