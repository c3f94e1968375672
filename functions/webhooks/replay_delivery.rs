//! `POST /v1/webhooks/{id}/deliveries/{delivery}/replay`: redelivers an event, byte for byte, with
//! the whole retry schedule.

use api::{DeliveryView, Reply, Request};
use desk::Callers;
use desk::deliveries::DeliveryRequests;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, DeliveryRequests::with_callers(&config).await?, replay).await
}

async fn replay((deliveries, callers): &(DeliveryRequests, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::ManageWebhooks, callers).await?;
    request.require_no_fields()?;
    let (webhook, event) = (request.path_parameter("id")?, request.path_parameter("delivery")?);
    let delivery = deliveries.redeliver(webhook, event, caller.person.id, request.received_at()).await?;
    Reply::accepted_with(&DeliveryView::from(delivery))
}
