//! The mapping that carries a queue to its function.

use super::Target;
use super::batch::{Outcome, outcome};
use crate::REGION;
use crate::template::ResolvedQueue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustack_sqs_model::input::{DeleteMessageInput, ReceiveMessageInput};
use rustack_sqs_model::types::{Message, MessageAttributeValue};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::sleep;

/// How many batches of one queue are processed at once. Lambda begins with five. A message group is
/// never in two batches.
pub(super) const CONCURRENT_BATCHES: usize = 2;

/// How long one read waits for a message, in seconds: the longest that SQS allows.
const WAIT_SECONDS: i32 = 20;

/// The wait after SQS rejected a read.
const AFTER_AN_ERROR: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub(super) struct Poller {
    pub(super) queue: ResolvedQueue,
    pub(super) target: Target,
}

impl Poller {
    /// Carries messages until the task is dropped.
    pub(super) async fn run(self) {
        let function = &self.target.mapping.function;
        loop {
            // While no instance runs, a message waits in the queue and no receives are counted.
            self.target.parts.invoker.instances.wait_until_running(function).await;
            let received = tokio::select! {
                received = self.target.parts.sqs.receive_message(self.receive_input()) => received,
                () = self.target.parts.invoker.instances.next_exit(function) => continue,
            };
            match received {
                Ok(output) if output.messages.is_empty() => {}
                Ok(output) => self.deliver(&output.messages).await,
                Err(error) => {
                    eprintln!("Cannot read the queue of {function}: {error}.");
                    sleep(AFTER_AN_ERROR).await;
                }
            }
        }
    }

    fn receive_input(&self) -> ReceiveMessageInput {
        ReceiveMessageInput {
            queue_url: self.queue.url.clone(),
            max_number_of_messages: i32::try_from(self.target.mapping.batch_size).ok(),
            wait_time_seconds: Some(WAIT_SECONDS),
            message_system_attribute_names: vec!["All".to_owned()],
            message_attribute_names: vec!["All".to_owned()],
            ..ReceiveMessageInput::default()
        }
    }

    /// Invokes the function and deletes the messages it has handled. Failed messages become visible
    /// again when their visibility timeout ends. After too many receives, the queue itself moves
    /// them to the dead letters.
    async fn deliver(&self, messages: &[Message]) {
        let records: Vec<Value> = messages.iter().map(|message| self.as_lambda_sends_it(message)).collect();
        let identifiers: Vec<String> =
            messages.iter().map(|message| message.message_id.clone().unwrap_or_default()).collect();
        let mapping = &self.target.mapping;
        let event = json!({ "Records": records });
        let answer = self.target.parts.invoker.invoke(&mapping.function, &event, self.target.deadline).await;
        let failed = match outcome(&answer, mapping.reports_item_failures, &identifiers) {
            Outcome::Done => BTreeSet::new(),
            Outcome::Items(failed) => failed,
            Outcome::Failed => return,
        };
        let done = messages.iter().enumerate().filter(|(position, _)| !failed.contains(position));
        for (_, message) in done {
            let input = DeleteMessageInput {
                queue_url: self.queue.url.clone(),
                receipt_handle: message.receipt_handle.clone().unwrap_or_default(),
            };
            if let Err(error) = self.target.parts.sqs.delete_message(input).await {
                eprintln!("Cannot delete a message from the queue of {}: {error}.", mapping.function);
            }
        }
    }

    fn as_lambda_sends_it(&self, message: &Message) -> Value {
        let attributes: Map<String, Value> =
            message.message_attributes.iter().map(|(name, value)| (name.clone(), attribute(value))).collect();
        let mut record = json!({
            "messageId": message.message_id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": message.attributes,
            "messageAttributes": attributes,
            "md5OfBody": message.md5_of_body,
            "eventSource": "aws:sqs",
            "eventSourceARN": self.queue.arn,
            "awsRegion": REGION,
        });
        if let Some(md5) = &message.md5_of_message_attributes {
            record["md5OfMessageAttributes"] = json!(md5);
        }
        record
    }
}

fn attribute(value: &MessageAttributeValue) -> Value {
    let mut attribute = json!({ "dataType": value.data_type, "stringListValues": [], "binaryListValues": [] });
    if let Some(text) = &value.string_value {
        attribute["stringValue"] = json!(text);
    }
    if let Some(bytes) = &value.binary_value {
        attribute["binaryValue"] = json!(STANDARD.encode(bytes));
    }
    attribute
}
