//! The path of an event: from the table's stream to its queue, and from there to inboxes, mails,
//! webhooks or the handling of account events. Also the requests of `CloudFormation`.

mod accounts;
mod custom_resource;
mod dead_letters;
mod email;
mod notify;
mod relay;
mod webhooks;
use std::collections::HashSet;
use std::fmt::{self, Display};
use std::future::Future;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use accounts::{AccountWorker, handle_account_events};
pub use custom_resource::{Resource, serve_resource};
pub use dead_letters::{RedriveRequest, redrive};
pub use email::{MailWorker, send_mails};
pub use notify::{NotifyWorker, notify};
pub use relay::{EventQueues, relay};
pub use webhooks::{WebhookWorker, post_webhooks};

use edges::Fatal;
use edges::aws;
use edges::clock::Deadline;
use edges::config::Config;
use edges::queue::{OutgoingMessage, Queue, TRACE_ATTRIBUTE};
use edges::telemetry::{self, Trace};

/// Passes each invocation that is no HTTP request to `handler`, as long as the runtime sends any.
/// `state` is created once and passed to every call. The handler must return by the deadline. An
/// error of the handler fails the invocation, so that the invoker sees it or retries.
///
/// # Errors
/// Fails if the runtime can no longer be reached.
pub async fn serve<S, E, R, F, Fut>(config: &Config, state: S, handler: F) -> Result<(), Fatal>
where
    S: Send + Sync + 'static,
    E: DeserializeOwned,
    R: Serialize,
    F: Fn(&'static S, E, Deadline) -> Fut,
    Fut: Future<Output = Result<R, Fatal>>,
{
    telemetry::init(config)?;
    // The state lives as long as the process, and the process serves nothing else.
    let state: &'static S = Box::leak(Box::new(state));
    let handler = &handler;
    aws::warmed().await;
    lambda_runtime::run(service_fn(|invocation: LambdaEvent<E>| {
        let trace = Trace::of(&invocation.context);
        let deadline = Deadline::of(&invocation.context);
        let invoked = handler(state, invocation.payload, deadline);
        // Boxed, because the compiler gives up on the size of a future that nests the SDK's so
        // deep.
        Box::pin(telemetry::within(trace, async { invoked.await.map_err(redacted) }))
    }))
    .await
}

/// The reason why an invocation failed, in words. The runtime responds with its display text and
/// prints its debug output. An SDK's error would fill the debug output with the service's whole
/// response, and so with stored data.
#[derive(thiserror::Error)]
#[error("{0}")]
struct Failed(String);

impl fmt::Debug for Failed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "invocation failed: {self}")
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it takes the error's place")]
fn redacted(error: Fatal) -> Fatal {
    Failed(telemetry::causes(error.as_ref())).into()
}

/// The reason why a message was not handled.
trait Fault: Display {
    /// Returns whether the message would fail in the same way every time it is received. Its cause
    /// is then in the message or in its stored data, and is neither an outage nor a missing
    /// permission.
    fn is_final(&self) -> bool;
}

/// Passes each message of a batch to `handle` until the deadline, each within its own trace, and
/// returns which messages go back to the queue. After a message that failed, the others of its
/// group wait, so that a group's events are handled in order. A message that would always fail
/// becomes a dead letter at once and delays no other.
async fn handle_batch<E: Fault>(
    batch: SqsEvent,
    deadline: Deadline,
    dead_letters: &Queue,
    handle: impl AsyncFn(&SqsMessage) -> Result<(), E>,
) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    let mut stopped_groups: HashSet<String> = HashSet::new();
    for message in batch.records {
        let id = message.message_id.clone().unwrap_or_default();
        let group = message.attributes.get("MessageGroupId").cloned().unwrap_or_default();
        if stopped_groups.contains(&group) {
            response.add_failure(id);
            continue;
        }
        let trace = message.message_attributes.get(TRACE_ATTRIBUTE);
        let trace = trace.and_then(|attribute| Trace::parse(attribute.string_value.as_deref()?));
        let trace_id = trace.as_ref().map(|trace| trace.id().to_owned());
        let handled =
            Box::pin(telemetry::within(trace.clone(), handled_or_put_aside(&message, trace, dead_letters, &handle)));
        let failure = match tokio::time::timeout(deadline.remaining(), handled).await {
            Ok(Ok(())) => continue,
            Ok(Err(failure)) => failure,
            Err(_elapsed) => "the invocation ran out of time".to_owned(),
        };
        tracing::error!(message_id = id, trace_id, error = failure, "event not handled");
        response.add_failure(id);
        stopped_groups.insert(group);
    }
    response
}

/// Handles a message, or puts it aside if it can never be handled. The error says why it goes back
/// to the queue.
async fn handled_or_put_aside<E: Fault>(
    message: &SqsMessage,
    trace: Option<Trace>,
    dead_letters: &Queue,
    handle: &impl AsyncFn(&SqsMessage) -> Result<(), E>,
) -> Result<(), String> {
    let Err(fault) = handle(message).await else { return Ok(()) };
    if !fault.is_final() {
        return Err(fault.to_string());
    }
    let (message_id, error) = (message.message_id.as_deref(), fault.to_string());
    let sent = dead_letters.send_all(&[letter_of(message, trace)]).await;
    tracing::error!(message_id, error, "event put aside");
    sent.map_err(|refused| format!("{error}; it was not put aside: {refused}"))
}

/// Returns the body of a message, which is empty if there is none.
fn body_of(message: &SqsMessage) -> &str {
    message.body.as_deref().unwrap_or_default()
}

/// Converts the message to a dead letter, as SQS itself would have moved it.
fn letter_of(message: &SqsMessage, trace: Option<Trace>) -> OutgoingMessage {
    let group = message.attributes.get("MessageGroupId").cloned();
    // The id is the message's own, so that it is equal if the message is put aside twice.
    let deduplication_id = group.as_ref().and(message.message_id.clone());
    let body = message.body.clone().unwrap_or_default();
    OutgoingMessage { body, group, deduplication_id, trace, ..OutgoingMessage::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the table refused")]
    struct Refused {
        item: &'static str,
    }

    #[test]
    fn the_runtime_logs_the_reason_of_a_failure_but_no_stored_data() {
        let failed = redacted(Refused { item: "ana@example.org" }.into());
        assert_eq!(failed.to_string(), "the table refused");
        assert_eq!(format!("{failed:?}"), "invocation failed: the table refused");
    }
}
