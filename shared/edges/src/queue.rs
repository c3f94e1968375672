//! Queues that a function sends to.
//!
//! SQS takes the characters of XML only, and texts may hold others (U+FFFF, say). Every body here is JSON, so each character beyond
//! ASCII is sent as its JSON escape: the reader gets the text as it was, whatever SQS, or what is on the way, makes of others.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{BuildError, ProvideErrorMetadata as _};
use aws_sdk_sqs::types::{BatchResultErrorEntry, MessageAttributeValue, SendMessageBatchRequestEntry};

use crate::Fatal;
use crate::aws::{self, Service};
use crate::config::Config;
use crate::telemetry::{self, Trace, causes};

/// Messages one call may send (SQS developer guide, "Quotas related to messages").
pub const MESSAGES_PER_CALL: usize = 10;

/// The attribute of a message that holds the trace it belongs to. One of ours, because SQS's own `AWSTraceHeader` is kept by AWS alone.
pub const TRACE_ATTRIBUTE: &str = "trace";

/// The longest a message can be kept back, in seconds (SQS API reference, `DelaySeconds`).
const DELAY_SECONDS_MAX: u64 = 900;

/// How SQS refuses a whole call for what is in a message of it (SQS API reference, `SendMessage`, `SendMessageBatch` and "Common
/// errors"). It would refuse that message again; another answer may be one of an outage, or of rights, and passes.
const CODES_OF_A_MESSAGE: [&str; 5] = [
    "BatchRequestTooLong",
    "InvalidAttributeValue",
    "InvalidMessageContents",
    "InvalidParameterValue",
    "MissingParameter",
];

/// Parts of the codes that SQS calls the sender's fault although they pass: limits of rate, rights and keys.
const PASSING: [&str; 4] = ["AccessDenied", "Kms", "OverLimit", "Throttl"];

/// A message to be sent.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// What it says, as JSON.
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
pub enum SendError {
    /// The queue cannot be reached, or has no room: the same messages may be sent later.
    #[error("messages were not sent: {0}")]
    Failed(String),
    /// The queue refuses what is in a message, and will again. The others were sent.
    #[error("a message was refused: {0}")]
    Refused(String),
}

/// What became of messages that were sent together.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The places of those that may be sent later.
    pub unsent: Vec<usize>,
    /// The places of those that the queue refuses for what is in them, and why.
    pub refused: Vec<(usize, String)>,
}

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
    pub async fn open<const N: usize>(config: &Config, variables: [&'static str; N]) -> Result<[Self; N], Fatal> {
        let urls = config.required(variables)?;
        let client = Client::new(&aws::config(Service::Sqs, config)?);
        aws::warm(Service::Sqs, config).await?;
        Ok(urls.map(|url| Self::new(client.clone(), url)))
    }

    /// Its client, for what only dead letters need.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sends messages in their order, ten to a call. One that is refused holds up no other.
    ///
    /// # Errors
    /// [`SendError`]; others may be sent then.
    pub async fn send_all(&self, messages: &[Outgoing]) -> Result<(), SendError> {
        let (mut unsent, mut refused) = (0, None);
        for chunk in messages.chunks(MESSAGES_PER_CALL) {
            let sent = self.send_once(chunk).await?;
            unsent += sent.unsent.len();
            refused = refused.or(sent.refused.into_iter().next());
        }
        match refused {
            _ if unsent > 0 => Err(SendError::Failed(format!("the queue left {unsent} of {}", messages.len()))),
            Some((_, reason)) => Err(SendError::Refused(reason)),
            None => Ok(()),
        }
    }

    /// Sends up to ten messages in their order, and tells what became of them. If the queue refuses them all for what is in one,
    /// they go one by one.
    ///
    /// # Errors
    /// [`SendError::Failed`], if nothing is known of any.
    pub async fn send_once(&self, messages: &[Outgoing]) -> Result<Sent, SendError> {
        match self.send_together(messages).await {
            Err(SendError::Refused(_)) if messages.len() > 1 => Ok(self.send_one_by_one(messages).await),
            Err(SendError::Refused(reason)) => Ok(Sent { refused: vec![(0, reason)], ..Sent::default() }),
            answered => answered,
        }
    }

    /// Sends messages in calls of their own. After one that may be sent later, those of its group wait.
    async fn send_one_by_one(&self, messages: &[Outgoing]) -> Sent {
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
    async fn send_together(&self, messages: &[Outgoing]) -> Result<Sent, SendError> {
        if messages.is_empty() {
            return Ok(Sent::default());
        }
        let entries: Result<Vec<_>, _> = messages.iter().enumerate().map(entry).collect();
        let entries = entries.map_err(|error| SendError::Failed(causes(&error)))?;
        let request = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries));
        let answer = request.send().await.map_err(|error| {
            let code = error.code().and_then(|code| code.rsplit('.').next()).unwrap_or_default();
            let of_a_message = CODES_OF_A_MESSAGE.contains(&code);
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

/// Whether a message of a batch would be refused again.
fn is_refused(failure: &BatchResultErrorEntry) -> bool {
    let code = failure.code.to_lowercase();
    failure.sender_fault && !PASSING.iter().any(|part| code.contains(&part.to_lowercase()))
}

/// The same JSON with every character beyond ASCII as its escape, of two UTF-16 units where one does not hold it (RFC 8259 §7).
/// In JSON such characters are in strings only.
fn in_ascii(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            ascii.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // A String takes everything.
            let _written = write!(ascii, "\\u{unit:04x}");
        }
    }
    ascii
}

fn entry((place, message): (usize, &Outgoing)) -> Result<SendMessageBatchRequestEntry, BuildError> {
    let delay = message.delay.as_secs().min(DELAY_SECONDS_MAX);
    let trace = message.trace.clone().or_else(telemetry::current).map(|trace| attribute(&trace)).transpose()?;
    SendMessageBatchRequestEntry::builder()
        .id(place.to_string())
        .message_body(in_ascii(&message.body))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_sent_in_ascii_and_read_as_it_was() {
        let texts =
            ["plain", "a\"b\\u00e9", "é", "\u{ffff}\u{fffe}", "\u{fdd0}\u{1fffe}\u{10ffff}", "🖨\u{7f}\u{80}\u{2028}"];
        for text in texts {
            // As an envelope within an order: JSON within JSON.
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
