//! `AWS::SQS::Queue`.

use super::cursor::Cursor;
use super::expression::Expression;
use crate::Result;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct Queue {
    pub id: String,
    pub name: Option<Expression>,
    /// Whether the queue keeps order within a message group.
    pub fifo: bool,
    /// The other attributes, by their SQS names.
    pub attributes: BTreeMap<String, String>,
    /// The destination of messages that failed too often.
    pub redrive: Option<Redrive>,
}

#[derive(Debug, Clone)]
pub struct Redrive {
    /// The ARN of the dead-letter queue.
    pub target: Expression,
    /// The largest number of receives of a message.
    pub max_receive_count: u32,
}

const PASSED_ON: [&str; 9] = [
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "VisibilityTimeout",
];

const WITHOUT_EFFECT_HERE: [&str; 5] =
    ["KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "RedriveAllowPolicy", "SqsManagedSseEnabled", "Tags"];

pub(super) fn read(id: &str, properties: Option<&Cursor<'_>>) -> Result<Queue> {
    let mut queue = Queue { id: id.to_owned(), name: None, fifo: false, attributes: BTreeMap::new(), redrive: None };
    let Some(properties) = properties else { return Ok(queue) };
    for (key, value) in properties.entries()? {
        match key.as_str() {
            "QueueName" => queue.name = Some(Expression::read(&value)?),
            "RedrivePolicy" => {
                value.only(&["deadLetterTargetArn", "maxReceiveCount"], &[])?;
                queue.redrive = Some(Redrive {
                    target: Expression::read(&value.required("deadLetterTargetArn")?)?,
                    max_receive_count: value.required("maxReceiveCount")?.count()?,
                });
            }
            name if PASSED_ON.contains(&name) => {
                let text = Expression::read(&value)?.evaluate(&super::Names::default())?;
                // A standard queue is one without the attribute, because SQS rejects
                // FifoQueue=false.
                if name == "FifoQueue" {
                    queue.fifo = value.boolean()?;
                } else if queue_takes(name, properties) {
                    queue.attributes.insert(key, text);
                }
            }
            name if WITHOUT_EFFECT_HERE.contains(&name) => {}
            _ => return Err(value.unsupported("is set")),
        }
    }
    if queue.fifo {
        queue.attributes.insert("FifoQueue".to_owned(), "true".to_owned());
    }
    Ok(queue)
}

/// Returns whether the queue accepts the attribute. A standard queue rejects the attributes of FIFO
/// queues, even those that only repeat the default.
fn queue_takes(attribute: &str, properties: &Cursor<'_>) -> bool {
    let fifo = properties.get("FifoQueue").is_some_and(|value| value.boolean().unwrap_or(false));
    fifo || !matches!(attribute, "ContentBasedDeduplication" | "DeduplicationScope" | "FifoThroughputLimit")
}
