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

const PASSED_ON: [&str; 2] = ["MessageRetentionPeriod", "VisibilityTimeout"];

/// Passed on for a FIFO queue only. SQS rejects them for a standard queue, even those that only
/// repeat the default, and `FifoQueue=false` too.
const PASSED_ON_BY_FIFO: [&str; 4] =
    ["ContentBasedDeduplication", "DeduplicationScope", "FifoQueue", "FifoThroughputLimit"];

const WITHOUT_EFFECT_HERE: [&str; 5] =
    ["KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "RedriveAllowPolicy", "SqsManagedSseEnabled", "Tags"];

pub(super) fn read(id: &str, properties: Option<&Cursor<'_>>) -> Result<Queue> {
    let mut queue = Queue { id: id.to_owned(), name: None, fifo: false, attributes: BTreeMap::new(), redrive: None };
    let Some(properties) = properties else { return Ok(queue) };
    queue.fifo = properties.get("FifoQueue").map_or(Ok(false), |value| value.boolean())?;
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
            name if PASSED_ON.contains(&name) || PASSED_ON_BY_FIFO.contains(&name) => {
                let text = Expression::read(&value)?.evaluate(&super::Names::default())?;
                if queue.fifo || PASSED_ON.contains(&name) {
                    queue.attributes.insert(key, text);
                }
            }
            name if WITHOUT_EFFECT_HERE.contains(&name) => {}
            _ => return Err(value.unsupported("is set")),
        }
    }
    Ok(queue)
}
