//! The way of an event: from the table's stream to the queue, and from the queue to the inbox.

mod notify;
mod relay;

use std::future::Future;

use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use notify::notify;
pub use relay::{EventQueue, relay};

use crate::clock::Deadline;
use crate::{Fatal, telemetry};

/// Hands each invocation that is no HTTP request to `handler`, for as long as the runtime sends any. `state` is what the handler
/// needs, made once; the deadline is when it has to have answered. An error of the handler is the invocation's: whoever invoked it sees it, or comes again.
///
/// # Errors
/// The runtime went away.
pub async fn serve<S, E, R, F, Fut>(state: S, handler: F) -> Result<(), Fatal>
where
    S: Send + Sync + 'static,
    E: DeserializeOwned,
    R: Serialize,
    F: Fn(&'static S, E, Deadline) -> Fut,
    Fut: Future<Output = Result<R, Fatal>>,
{
    telemetry::init();
    // The state lives as long as the process, and the process serves nothing else.
    let state: &'static S = Box::leak(Box::new(state));
    let handler = &handler;
    lambda_runtime::run(service_fn(|invocation: LambdaEvent<E>| {
        handler(state, invocation.payload, Deadline::of(&invocation.context))
    }))
    .await
}
