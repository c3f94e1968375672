//! SQS: the crate `rustack-sqs` with the queues of the template, behind what SQS refuses beside it. In memory: a stop loses what was in flight, which the
//! stream's replay at the next start makes up for.

mod limits;

use crate::error::during;
use crate::template::ResolvedQueue;
use crate::{ACCOUNT, REGION, Result, serve};
use limits::Checking;
use rustack_sqs_core::config::SqsConfig;
use rustack_sqs_core::handler::RustackSqsHandler;
use rustack_sqs_core::provider::RustackSqs;
use rustack_sqs_http::service::{SqsHttpConfig, SqsHttpService};
use rustack_sqs_model::input::CreateQueueInput;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// What becomes of a message with a character that SQS does not take, such as U+FFFF.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ForeignCharacters {
    /// The whole call is refused.
    #[default]
    Refused,
    /// U+FFFD takes its place.
    Replaced,
}

/// Creates `queues` and serves the SQS API on `listener` until `tasks` is dropped.
pub(crate) async fn start(
    queues: &[ResolvedQueue],
    characters: ForeignCharacters,
    listener: TcpListener,
    address: SocketAddr,
    tasks: &mut JoinSet<()>,
) -> Result<Arc<RustackSqs>> {
    let config = SqsConfig {
        skip_signature_validation: true,
        default_region: REGION.to_owned(),
        account_id: ACCOUNT.to_owned(),
        host: address.ip().to_string(),
        port: address.port(),
    };
    let sqs = Arc::new(RustackSqs::new(config));
    for queue in queues {
        let input = CreateQueueInput {
            queue_name: queue.name.clone(),
            attributes: queue.attributes.clone().into_iter().collect(),
            tags: HashMap::new(),
        };
        sqs.create_queue(input).await.map_err(during(format!("Creating the queue {}", queue.id)))?;
    }
    let handler = Arc::new(Checking::new(RustackSqsHandler::new(Arc::clone(&sqs)), characters));
    serve::spawn(listener, SqsHttpService::new(handler, SqsHttpConfig::default()), tasks);
    Ok(sqs)
}

#[cfg(test)]
mod tests;
