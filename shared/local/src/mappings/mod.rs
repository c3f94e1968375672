//! Does the work of AWS's event source mappings and schedules: carries stream records and queue
//! messages to their functions, with batch responses, retries, visibility timeouts and dead
//! letters, and invokes functions on a schedule.

mod batch;
mod queue;
mod stream;

use crate::functions::Invoker;
use crate::records::Records;
use crate::template::{Mapping, Resolved, Source, Template};
use crate::{Error, Result};
use rustack_sqs_core::provider::RustackSqs;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// The parts that the mappings connect.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) sqs: Arc<RustackSqs>,
    pub(crate) invoker: Invoker,
}

/// The function that a mapping invokes, and how it is invoked.
#[derive(Clone)]
struct Target {
    mapping: Mapping,
    /// How long one invocation may take: the function's own timeout.
    deadline: Duration,
    parts: Parts,
}

/// Starts every mapping of the template. They run until `tasks` is dropped.
pub(crate) fn start(
    template: &Template,
    resolved: &Resolved,
    records: &dyn Records,
    parts: &Parts,
    tasks: &mut JoinSet<()>,
) -> Result<()> {
    for mapping in &template.mappings {
        let function = template.function(&mapping.function);
        let function =
            function.ok_or_else(|| Error::new(format!("template.yaml has no function {}.", mapping.function)))?;
        let deadline = Duration::from_secs(function.timeout_seconds.into());
        let target = Target { mapping: mapping.clone(), deadline, parts: parts.clone() };
        match &mapping.source {
            Source::Stream { retry, .. } => {
                let on_failure = retry.on_failure_queue.as_deref().map(|id| resolved.queue(id)).transpose()?;
                let reader = stream::Reader {
                    arn: format!("{}/stream/{}", resolved.table.arn, records.label()),
                    target,
                    retry: retry.clone(),
                    on_failure_url: on_failure.map(|queue| queue.url.clone()),
                };
                tasks.spawn(reader.run(records.another()));
            }
            Source::Queue { queue } => {
                let poller = queue::Poller { queue: resolved.queue(queue)?.clone(), target };
                for _ in 0..queue::CONCURRENT_BATCHES {
                    tasks.spawn(poller.clone().run());
                }
            }
        }
    }
    for function in &template.functions {
        if let Some(every) = function.every {
            tasks.spawn(run_schedule(function.binary.clone(), every, parts.invoker.clone()));
        }
    }
    Ok(())
}

/// Invokes a function repeatedly, on its schedule. The response is ignored, because the function
/// logs its own failures.
async fn run_schedule(function: String, every: Duration, invoker: Invoker) {
    loop {
        tokio::time::sleep(every).await;
        let event = serde_json::json!({"source": "aws.events", "detail-type": "Scheduled Event"});
        drop(invoker.invoke(&function, &event, SCHEDULED_WITHIN).await);
    }
}

/// How long to wait for a scheduled invocation.
const SCHEDULED_WITHIN: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests;
