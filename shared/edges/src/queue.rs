//! Queues that a function sends to, and dead letters that it receives.
//!
//! SQS accepts only the characters of XML, and texts may contain others (for example U+FFFF). Every
//! body here is JSON, so each non-ASCII character is sent as its JSON escape. The reader gets the
//! original text, however SQS, or anything in between, treats other characters.

mod received;

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::Builder;
use aws_sdk_sqs::error::{BuildError, ProvideErrorMetadata as _};
use aws_sdk_sqs::types::{BatchResultErrorEntry, MessageAttributeValue, SendMessageBatchRequestEntry};

pub use received::{ReceiveError, Received};

use crate::Fatal;
use crate::aws::{self, Call, Service, WithoutSelfDescription};
use crate::config::Config;
use crate::telemetry::{self, Trace, causes};

/// The maximum number of messages per call (SQS developer guide, "Quotas related to messages").
pub const MESSAGES_PER_CALL: usize = 10;

/// The message attribute that holds the trace. It is a custom attribute, because only AWS preserves
/// SQS's own `AWSTraceHeader`.
pub const TRACE_ATTRIBUTE: &str = "trace";

/// The maximum delay of a message, in seconds (SQS API reference, `DelaySeconds`).
const DELAY_SECONDS_MAX: u64 = 900;

/// The error codes with which SQS refuses a whole call for the content of one of its messages (SQS
/// API reference, `SendMessage`, `SendMessageBatch` and "Common errors"). It would refuse that
/// message again. Other codes may be those of an outage or of missing permissions, and are
/// transient.
const INVALID_MESSAGE_CODES: [&str; 5] = [
    "BatchRequestTooLong",
    "InvalidAttributeValue",
    "InvalidMessageContents",
    "InvalidParameterValue",
    "MissingParameter",
];

/// Parts of the codes that SQS calls the sender's fault although they are transient: limits of
/// rate, permissions and keys.
const TRANSIENT_CODE_PARTS: [&str; 4] = ["AccessDenied", "Kms", "OverLimit", "Throttl"];

/// An outgoing message.
#[derive(Clone, Debug, Default)]
pub struct OutgoingMessage {
    /// The body, as JSON.
    pub body: String,
    /// The message group, for a FIFO queue. Messages of one group stay in order.
    pub group: Option<String>,
    /// The deduplication id, for a FIFO queue. Of two messages with the same id within five
    /// minutes, the second is dropped.
    pub deduplication_id: Option<String>,
    /// The trace of the message. If there is none, the current trace at the time of sending is
    /// used.
    pub trace: Option<Trace>,
    /// The delay of the message, at most 15 minutes. Not for a FIFO queue.
    pub delay: Duration,
}

/// The reason why messages were not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The queue cannot be reached or throttles. The same messages may be sent later.
    #[error("messages were not sent: {0}")]
    Failed(String),
    /// The queue refuses the content of a message, and would refuse it again. The others were sent.
    #[error("a message was refused: {0}")]
    Refused(String),
}

impl SendError {
    /// Returns whether the queue would refuse the same messages again.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

/// The result of sending several messages together.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The indices of the messages that may be sent later.
    pub unsent: Vec<usize>,
    /// The indices of the messages that the queue refuses for their content, with the reasons.
    pub refused: Vec<(usize, String)>,
}

#[derive(Clone, Debug)]
pub struct Queue {
    client: Client,
    url: String,
}

impl Queue {
    /// Returns a queue that is reached through `client`.
    #[must_use]
    pub const fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// Returns the queues whose URLs these variables hold, and begins to connect to SQS.
    ///
    /// # Errors
    /// Fails if variables are missing or TLS cannot be set up.
    pub async fn open<const N: usize>(config: &Config, variables: [&'static str; N]) -> Result<[Self; N], Fatal> {
        let urls = config.required(variables)?;
        aws::warm(Service::Sqs, config).await?;
        let client = Builder::from(&aws::config(Service::Sqs, config)?).interceptor(WithoutSelfDescription);
        let client = Client::from_conf(client.build());
        Ok(urls.map(|url| Self::new(client.clone(), url)))
    }

    /// Sends messages in order, ten per call. A refused message does not block the others.
    ///
    /// # Errors
    /// Fails with [`SendError`]. Other messages may have been sent then.
    pub async fn send_all(&self, messages: &[OutgoingMessage]) -> Result<(), SendError> {
        let (mut unsent, mut refused) = (0, None);
        for chunk in messages.chunks(MESSAGES_PER_CALL) {
            let sent = self.send_once(chunk).await?;
            unsent += sent.unsent.len();
            refused = refused.or(sent.refused.into_iter().next());
        }
        match refused {
            _ if unsent > 0 => {
                Err(SendError::Failed(format!("the queue did not accept {unsent} of {}", messages.len())))
            }
            Some((_, reason)) => Err(SendError::Refused(reason)),
            None => Ok(()),
        }
    }

    /// Sends up to ten messages in order, and reports the result of each. If the queue refuses the
    /// whole call for the content of one message, sends them one by one.
    ///
    /// # Errors
    /// Fails with [`SendError::Failed`] if the result of no message is known.
    pub async fn send_once(&self, messages: &[OutgoingMessage]) -> Result<Sent, SendError> {
        match self.send_together(messages).await {
            Err(SendError::Refused(_)) if messages.len() > 1 => Ok(self.send_one_by_one(messages).await),
            Err(SendError::Refused(reason)) => Ok(Sent { refused: vec![(0, reason)], ..Sent::default() }),
            answered => answered,
        }
    }

    /// Sends each message in a call of its own. After a message that has to be sent later, the rest
    /// of its group is held back.
    async fn send_one_by_one(&self, messages: &[OutgoingMessage]) -> Sent {
        let (mut sent, mut waiting) = (Sent::default(), HashSet::new());
        for (place, message) in messages.iter().enumerate() {
            if message.group.as_ref().is_some_and(|group| waiting.contains(group)) {
                sent.unsent.push(place);
                continue;
            }
            let refused = match self.send_together(std::slice::from_ref(message)).await {
                Ok(one) if one.unsent.is_empty() => one.refused.into_iter().next().map(|(_, reason)| reason),
                Err(SendError::Refused(reason)) => Some(reason),
                Ok(_) | Err(SendError::Failed(_)) => {
                    sent.unsent.push(place);
                    waiting.extend(message.group.as_ref());
                    continue;
                }
            };
            sent.refused.extend(refused.map(|reason| (place, reason)));
        }
        sent
    }

    /// Sends up to ten messages in one call.
    fn send_together<'a>(&'a self, messages: &'a [OutgoingMessage]) -> Call<'a, Result<Sent, SendError>> {
        Box::pin(self.send_batch(messages))
    }

    async fn send_batch(&self, messages: &[OutgoingMessage]) -> Result<Sent, SendError> {
        if messages.is_empty() {
            return Ok(Sent::default());
        }
        let entries: Result<Vec<_>, _> = messages.iter().enumerate().map(entry).collect();
        let entries = entries.map_err(|error| SendError::Failed(causes(&error)))?;
        let request = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries));
        let answer = request.send().await.map_err(|error| {
            let code = error.code().and_then(|code| code.rsplit('.').next()).unwrap_or_default();
            let of_a_message = INVALID_MESSAGE_CODES.contains(&code);
            let said = causes(&error);
            if of_a_message { SendError::Refused(said) } else { SendError::Failed(said) }
        })?;
        let mut sent = Sent::default();
        for failure in &answer.failed {
            let Ok(place) = failure.id.parse() else { continue };
            if is_refused(failure) {
                let said = failure.message().unwrap_or_default();
                sent.refused.push((place, format!("{}: {said}", failure.code)));
            } else {
                sent.unsent.push(place);
            }
        }
        Ok(sent)
    }
}

/// Returns whether a message of a batch would be refused again.
fn is_refused(failure: &BatchResultErrorEntry) -> bool {
    let code = failure.code.to_lowercase();
    failure.sender_fault && !TRANSIENT_CODE_PARTS.iter().any(|part| code.contains(&part.to_lowercase()))
}

/// Returns the same JSON with every non-ASCII character escaped, as two UTF-16 units where one is
/// not enough (RFC 8259 §7). In JSON such characters occur only in strings.
fn in_ascii(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            ascii.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a String never fails.
            let _written = write!(ascii, "\\u{unit:04x}");
        }
    }
    ascii
}

fn entry((place, message): (usize, &OutgoingMessage)) -> Result<SendMessageBatchRequestEntry, BuildError> {
    let delay = message.delay.as_secs().min(DELAY_SECONDS_MAX);
    let trace = message.trace.clone().or_else(telemetry::current).map(|trace| attribute(&trace)).transpose()?;
    SendMessageBatchRequestEntry::builder()
        .id(place.to_string())
        .message_body(in_ascii(&message.body))
        .set_message_group_id(message.group.clone())
        .set_message_deduplication_id(message.deduplication_id.clone())
        .set_message_attributes(trace.map(|trace| HashMap::from([(TRACE_ATTRIBUTE.to_owned(), trace)])))
        // A FIFO queue accepts no delay of a single message, not even of zero.
        .set_delay_seconds(i32::try_from(delay).ok().filter(|seconds| *seconds > 0))
        .build()
}

/// Returns the message attribute for a trace.
fn attribute(trace: &Trace) -> Result<MessageAttributeValue, BuildError> {
    MessageAttributeValue::builder().data_type("String").string_value(trace.header()).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_bodies_are_ascii_and_round_trip() {
        let texts =
            ["plain", "a\"b\\u00e9", "é", "\u{ffff}\u{fffe}", "\u{fdd0}\u{1fffe}\u{10ffff}", "🖨\u{7f}\u{80}\u{2028}"];
        for text in texts {
            // JSON within JSON, like an event within a delivery request.
            let within = in_ascii(&serde_json::json!({ "name": text }).to_string());
            let sent = in_ascii(&serde_json::json!({ "body": within }).to_string());
            assert!(sent.is_ascii(), "{sent}");
            let order: serde_json::Value = serde_json::from_str(&sent).unwrap();
            let body: serde_json::Value = serde_json::from_str(order["body"].as_str().unwrap()).unwrap();
            assert_eq!(body["name"], text);
        }
        assert_eq!(in_ascii("\"A\u{ffff}🖨\""), r#""A\uffff\ud83d\udda8""#);
    }
}
