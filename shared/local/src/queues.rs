//! SQS: the crate `rustack-sqs` with the template's queues, behind checks for what SQS rejects and
//! the crate does not. The queues are in memory. A stop loses the messages in flight. The next
//! start reads the stream again, which makes up for the loss.

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
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// The treatment of a message with a character that SQS does not accept, such as U+FFFF.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ForeignCharacters {
    /// The whole call is rejected.
    #[default]
    Refused,
    /// The character is replaced with U+FFFD.
    Replaced,
}

/// Creates `queues` and serves the SQS API on `listener` until `tasks` is dropped.
pub(crate) async fn start(
    queues: &[ResolvedQueue],
    characters: ForeignCharacters,
    listener: TcpListener,
    tasks: &mut JoinSet<()>,
) -> Result<Arc<RustackSqs>> {
    let address = listener.local_addr().map_err(during("Asking for the port of SQS"))?;
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
    let inner = Arc::new(RustackSqsHandler::new(Arc::clone(&sqs)));
    let checking = Arc::new(Checking { inner, characters });
    serve::spawn(listener, SqsHttpService::new(checking, SqsHttpConfig::default()), tasks);
    Ok(sqs)
}

#[cfg(test)]
mod tests;
