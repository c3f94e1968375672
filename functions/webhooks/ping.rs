//! `POST /v1/webhooks/{id}/ping`: tests a webhook by posting an event of its own type to it alone.

use api::{DeliveryView, Reply, Request};
use desk::Callers;
use desk::deliveries::DeliveryRequests;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, DeliveryRequests::with_callers(&config).await?, ping).await
}

async fn ping((deliveries, callers): &(DeliveryRequests, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::ManageWebhooks, callers).await?;
    request.require_no_fields()?;
    let delivery =
        deliveries.ping_webhook(request.path_parameter("id")?, caller.person.id, request.received_at()).await?;
    Reply::accepted_with(&DeliveryView::from(delivery))
}
