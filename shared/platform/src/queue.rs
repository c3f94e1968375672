//! Queues that a function sends to.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};

use crate::aws::{self, Service};
use crate::telemetry::{self, Trace, causes};
use crate::{Fatal, config};

/// Messages one call may send (SQS developer guide, "Quotas related to messages").
pub const MESSAGES_PER_CALL: usize = 10;

/// The attribute of a message that holds the trace it belongs to. One of ours, because SQS's own `AWSTraceHeader` is kept by AWS alone.
pub(crate) const TRACE_ATTRIBUTE: &str = "trace";

/// The longest a message can be kept back, in seconds (SQS API reference, `DelaySeconds`).
const DELAY_SECONDS_MAX: u64 = 900;

/// A message to be sent.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// What it says.
    pub body: String,
    /// For a FIFO queue: messages of one group stay in their order.
    pub group: Option<String>,
    /// For a FIFO queue: of two messages with one id within five minutes, the second is dropped.
    pub deduplication_id: Option<String>,
    /// The trace it belongs to; if there is none here, that of what is being done when it is sent.
    pub trace: Option<Trace>,
    /// How long it is kept back, at most a quarter of an hour; for a queue that is no FIFO.
    pub delay: Duration,
}

/// Why messages were not sent.
#[derive(Debug, thiserror::Error)]
#[error("messages were not sent: {0}")]
pub struct SendError(String);

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    client: Client,
    url: String,
}

impl Queue {
    /// That queue, reached through that client.
    #[must_use]
    pub const fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// The queues whose URLs these variables hold, with a connection to SQS already open.
    ///
    /// # Errors
    /// The variables that are missing, or TLS that cannot be set up.
    pub async fn open<const N: usize>(variables: [&'static str; N]) -> Result<[Self; N], Fatal> {
        let urls = config::required(variables)?;
        let client = Client::new(&aws::config(Service::Sqs)?);
        aws::warm(Service::Sqs).await?;
        Ok(urls.map(|url| Self::new(client.clone(), url)))
    }

    /// Its client, for what only dead letters need.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// Its URL.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Sends messages in their order, ten to a call.
    ///
    /// # Errors
    /// [`SendError`]; some may be sent then.
    pub async fn send_all(&self, messages: &[Outgoing]) -> Result<(), SendError> {
        for chunk in messages.chunks(MESSAGES_PER_CALL) {
            let unsent = self.send_once(chunk).await?;
            if !unsent.is_empty() {
                return Err(SendError(format!("the queue refused {} of {}", unsent.len(), chunk.len())));
            }
        }
        Ok(())
    }

    /// Sends up to ten messages in their order, and gives the places of those the queue refused.
    ///
    /// # Errors
    /// [`SendError`], if nothing is known of any.
    pub(crate) async fn send_once(&self, messages: &[Outgoing]) -> Result<Vec<usize>, SendError> {
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        let entries: Result<Vec<_>, _> = messages.iter().enumerate().map(entry).collect();
        let entries = entries.map_err(|error| SendError(causes(&error)))?;
        let request = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries));
        let answer = request.send().await.map_err(|error| SendError(causes(&error)))?;
        Ok(answer.failed.iter().filter_map(|failure| failure.id.parse().ok()).collect())
    }
}

fn entry((place, message): (usize, &Outgoing)) -> Result<SendMessageBatchRequestEntry, BuildError> {
    let delay = message.delay.as_secs().min(DELAY_SECONDS_MAX);
    let trace = message.trace.clone().or_else(telemetry::current).map(|trace| attribute(&trace)).transpose()?;
    SendMessageBatchRequestEntry::builder()
        .id(place.to_string())
        .message_body(&message.body)
        .set_message_group_id(message.group.clone())
        .set_message_deduplication_id(message.deduplication_id.clone())
        .set_message_attributes(trace.map(|trace| HashMap::from([(TRACE_ATTRIBUTE.to_owned(), trace)])))
        // A FIFO queue takes no delay of a single message, not even one of nothing.
        .set_delay_seconds(i32::try_from(delay).ok().filter(|seconds| *seconds > 0))
        .build()
}

/// A trace as a message carries it.
fn attribute(trace: &Trace) -> Result<MessageAttributeValue, BuildError> {
    MessageAttributeValue::builder().data_type("String").string_value(trace.header()).build()
}
