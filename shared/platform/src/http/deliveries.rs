//! What endpoints that have an event posted to a webhook share.

use domain::id::{EventId, UserId, WebhookId};
use domain::time::Timestamp;
use domain::webhook::Delivery;

use super::Problem;
use crate::clock;
use crate::events::DeliveryOrder;
use crate::queue::Queue;
use crate::store::Store;

/// How often a delivery is begun anew because it changed meanwhile.
const TRIES_MAX: u32 = 5;

/// Begins a delivery of an event of that type that an admin asks for, and sends the message that wakes it.
///
/// # Errors
/// [`Problem::Forbidden`] if they are no active admin any more; [`Problem::Unavailable`]: the delivery may be kept then, and nothing
/// wakes it until it is replayed.
pub async fn delivering(
    store: &Store,
    queue: &Queue,
    order: &DeliveryOrder,
    event_type: &str,
    admin: UserId,
    now: Timestamp,
) -> Result<Delivery, Problem> {
    let delivery = Delivery::begin(order.webhook_id, order.event_id, event_type.to_owned(), order.body.clone(), now);
    if !store.order_delivery(&delivery, 0, admin).await? {
        return Err(Problem::Conflict);
    }
    wake(queue, &delivery).await?;
    Ok(delivery)
}

/// Begins a delivery anew that an admin asks for, and sends the message that wakes it.
///
/// # Errors
/// [`Problem::NotFound`]; [`Problem::Forbidden`] if they are no active admin any more; [`Problem::Conflict`] if it is being worked on all the time; [`Problem::Unavailable`].
pub async fn replayed(
    store: &Store,
    queue: &Queue,
    webhook: WebhookId,
    event: EventId,
    admin: UserId,
    now: Timestamp,
) -> Result<Delivery, Problem> {
    store.webhook(webhook).await?.ok_or(Problem::NotFound)?;
    for tried in 0..TRIES_MAX {
        clock::pause_before(tried).await;
        let delivery = store.delivery(webhook, event).await?.ok_or(Problem::NotFound)?;
        let begun = delivery.replayed(now);
        if store.order_delivery(&begun, delivery.version, admin).await? {
            wake(queue, &begun).await?;
            return Ok(begun);
        }
    }
    Err(Problem::Conflict)
}

async fn wake(queue: &Queue, delivery: &Delivery) -> Result<(), Problem> {
    let order =
        DeliveryOrder { webhook_id: delivery.webhook_id, event_id: delivery.event_id, body: delivery.body.clone() };
    let message = order.to_message(std::time::Duration::ZERO).map_err(|error| Problem::Internal(error.into()))?;
    Ok(queue.send_all(&[message]).await?)
}
