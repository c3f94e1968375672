//! `POST /v1/webhooks/{id}/ping`: tests a webhook by posting an event of its own type to it alone.

use api::{DeliveryView, Reply, Request};
use desk::deliveries::DeliveryRequests;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (DeliveryRequests::open(&config).await?, AccessTokens::open(&config)?), ping).await
}

async fn ping((deliveries, tokens): &(DeliveryRequests, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::ManageWebhooks, tokens)?;
    request.require_no_fields()?;
    let delivery = deliveries.ping_webhook(request.path_parameter("id")?, actor.id, request.received_at()).await?;
    Reply::accepted_with(&DeliveryView::from(delivery))
}
