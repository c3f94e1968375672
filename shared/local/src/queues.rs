//! SQS: the crate `rustack-sqs` with the queues of the template. In memory: a stop loses what was in flight, which the
//! stream's replay at the next start makes up for.

use crate::error::during;
use crate::template::ResolvedQueue;
use crate::{ACCOUNT, REGION, Result, serve};
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

/// Creates `queues` and serves the SQS API on `listener` until `tasks` is dropped.
///
/// # Errors
/// When SQS refuses a queue as the template describes it.
pub(crate) async fn start(
    queues: &[ResolvedQueue],
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
    let handler = Arc::new(RustackSqsHandler::new(Arc::clone(&sqs)));
    serve::spawn(listener, SqsHttpService::new(handler, SqsHttpConfig::default()), tasks);
    Ok(sqs)
}
