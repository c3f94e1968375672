//! Messages that a function receives from a queue itself: the dead letters that are redriven.
//! Lambda receives from the other queues.

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};

use super::{Queue, TRACE_ATTRIBUTE};
use crate::aws::Call;
use crate::telemetry::{Trace, causes};

/// The number of messages received together (SQS developer guide, `ReceiveMessage`).
const MESSAGES_PER_RECEIVE: i32 = 10;
/// The visibility timeout of a received message, in seconds. It is longer than a call may take.
const VISIBILITY_SECONDS: i32 = 120;
/// How long SQS waits for messages, in seconds. It is less than the client waits for SQS.
const WAIT_SECONDS: i32 = 1;

/// A message that was received and is hidden in its queue for the visibility timeout.
#[derive(Clone, Debug)]
pub struct Received {
    /// The id that SQS gave the message.
    pub id: String,
    /// The body, as JSON.
    pub body: String,
    /// The message group, if the queue is a FIFO queue.
    pub group: Option<String>,
    /// When the message was sent to the queue, in milliseconds since 1970.
    pub sent_at: i64,
    /// The trace that the message carries.
    pub trace: Option<Trace>,
    receipt: String,
}

impl Received {
    fn of(message: Message) -> Self {
        let attribute = |name| message.attributes.as_ref().and_then(|attributes| attributes.get(&name)).cloned();
        let trace = message.message_attributes.as_ref().and_then(|attributes| attributes.get(TRACE_ATTRIBUTE));
        let sent_at = attribute(MessageSystemAttributeName::SentTimestamp);
        Self {
            group: attribute(MessageSystemAttributeName::MessageGroupId),
            sent_at: sent_at.and_then(|sent_at| sent_at.parse().ok()).unwrap_or(0),
            trace: trace.and_then(|trace| Trace::parse(trace.string_value()?)),
            id: message.message_id.unwrap_or_default(),
            body: message.body.unwrap_or_default(),
            receipt: message.receipt_handle.unwrap_or_default(),
        }
    }
}

/// The reason why messages were not received, deleted or made visible again.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ReceiveError(String);

impl ReceiveError {
    fn of(error: &(impl std::error::Error + 'static)) -> Self {
        Self(causes(error))
    }
}

impl Queue {
    /// Receives up to ten messages and hides them for the visibility timeout. Waits a moment for
    /// them, because otherwise SQS asks only some of its servers.
    ///
    /// # Errors
    /// Fails if SQS does not respond or refuses the call.
    pub fn receive(&self) -> Call<'static, Result<Vec<Received>, ReceiveError>> {
        let request = self.client.receive_message().queue_url(&self.url).max_number_of_messages(MESSAGES_PER_RECEIVE);
        let request = request.message_system_attribute_names(MessageSystemAttributeName::All);
        let request = request.message_attribute_names(TRACE_ATTRIBUTE);
        let request = request.visibility_timeout(VISIBILITY_SECONDS).wait_time_seconds(WAIT_SECONDS);
        Box::pin(async {
            let answer = request.send().await.map_err(|error| ReceiveError::of(&error))?;
            Ok(answer.messages.unwrap_or_default().into_iter().map(Received::of).collect())
        })
    }

    /// Deletes a received message.
    ///
    /// # Errors
    /// Fails if SQS does not respond or refuses the call.
    pub fn delete(&self, message: &Received) -> Call<'static, Result<(), ReceiveError>> {
        let request = self.client.delete_message().queue_url(&self.url).receipt_handle(&message.receipt);
        Box::pin(async { request.send().await.map(drop).map_err(|error| ReceiveError::of(&error)) })
    }

    /// Ends the visibility timeout of a received message.
    ///
    /// # Errors
    /// Fails if SQS does not respond or refuses the call.
    pub fn show_again(&self, message: &Received) -> Call<'static, Result<(), ReceiveError>> {
        let request = self.client.change_message_visibility().queue_url(&self.url).receipt_handle(&message.receipt);
        let request = request.visibility_timeout(0);
        Box::pin(async { request.send().await.map(drop).map_err(|error| ReceiveError::of(&error)) })
    }
}
