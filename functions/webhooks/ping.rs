//! `POST /v1/webhooks/{id}/ping` — an admin tries a webhook out: an event of its own type is posted to it alone.

use api::{DeliveryView, Reply, Request};
use desk::deliveries::{DeliveryOrder, PING, begin_delivery};
use domain::id::EventId;
use domain::permission::DeskAction;
use edges::auth::AccessTokens;
use edges::config::{Config, name};
use edges::queue::Queue;
use edges::store::Store;
use edges::{Fatal, clock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    let [queue] = Queue::open(&config, [name::WEBHOOKS_QUEUE_URL]).await?;
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?, queue), ping).await
}

async fn ping((store, tokens, queue): &(Store, AccessTokens, Queue), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ManageWebhooks, tokens)?;
    request.no_fields()?;
    let webhook = store.webhook(request.path_parameter("id")?).await?.ok_or(api::Problem::NotFound)?;
    let event_id = EventId::new(request.received_at(), clock::id_bytes());
    let order = DeliveryOrder::ping(webhook.id, event_id, request.received_at());
    let delivery = begin_delivery(store, queue, &order, PING, actor.id, request.received_at()).await?;
    Reply::accepted_with(&DeliveryView::from(delivery))
}
