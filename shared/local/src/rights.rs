//! What the role of each function may do, by template.yaml, and what calls need.

use crate::template::{Mapping, Source};
use crate::wire::{Call, Service};
use crate::{ACCOUNT, REGION};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// An IAM action on a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// The action, such as `dynamodb:GetItem`.
    pub action: String,
    /// The resource's ARN.
    pub resource: String,
}

impl Right {
    pub(crate) fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into() }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} on {}", self.action, self.resource)
    }
}

/// The rights of each function, by its binary.
pub type Rights = BTreeMap<String, BTreeSet<Right>>;

/// What Lambda needs of a function's role to read a queue for it (Lambda developer guide, "Using Lambda with Amazon SQS").
const READS_A_QUEUE: [&str; 3] = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];

/// What Lambda needs of a function's role to read a stream for it (Lambda developer guide, "Using Lambda with Amazon DynamoDB").
const READS_A_STREAM: [&str; 4] =
    ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"];

/// The ARN of a table's stream as `GetAtt` gives it here; AWS puts the time at which the stream was made at its end.
pub(crate) fn stream_arn(table_arn: &str) -> String {
    format!("{table_arn}/stream/local")
}

/// What a mapping needs of its function's role, where `arn` gives the ARN of a queue by its id in the template.
pub(crate) fn of_mapping(mapping: &Mapping, table_arn: &str, arn: impl Fn(&str) -> String) -> Vec<Right> {
    match &mapping.source {
        Source::Queue { queue } => READS_A_QUEUE.map(|action| Right::new(action, arn(queue))).to_vec(),
        Source::Stream { retry, .. } => {
            let gives_up = retry.on_failure_queue.iter().map(|queue| Right::new("sqs:SendMessage", arn(queue)));
            READS_A_STREAM.map(|action| Right::new(action, stream_arn(table_arn))).into_iter().chain(gives_up).collect()
        }
    }
}

impl Call {
    /// The rights that AWS asks for before it does this: for each call those of the service authorization reference.
    #[must_use]
    pub fn rights(&self) -> BTreeSet<Right> {
        match self.service {
            Service::DynamoDb => self.table_rights(),
            Service::Sqs => {
                // A batch needs what each of its messages needs.
                let action = self.operation.trim_end_matches("Batch");
                let queue = text(&self.request["QueueUrl"]).rsplit('/').next().unwrap_or_default();
                once(format!("sqs:{action}"), format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"))
            }
            Service::Ssm => {
                let name = text(&self.request["Name"]);
                once(format!("ssm:{}", self.operation), format!("arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{name}"))
            }
            Service::Ses => {
                let domain = text(&self.request["FromEmailAddress"]).rsplit('@').next().unwrap_or_default();
                let domain = domain.trim_end_matches('>');
                once("ses:SendEmail", format!("arn:aws:ses:{REGION}:{ACCOUNT}:identity/{domain}"))
            }
        }
    }

    fn table_rights(&self) -> BTreeSet<Right> {
        let request = &self.request;
        match self.operation.as_str() {
            "TransactWriteItems" | "TransactGetItems" => {
                let items = request["TransactItems"].as_array().into_iter().flatten();
                let kinds = items.filter_map(|item| item.as_object()?.iter().next());
                // `Put` needs `PutItem`; there is no right to transactions.
                kinds.map(|(kind, item)| Right::new(format!("dynamodb:{kind}Item"), table_arn(item))).collect()
            }
            "BatchGetItem" | "BatchWriteItem" => {
                let tables = request["RequestItems"].as_object().into_iter().flatten();
                let action = format!("dynamodb:{}", self.operation);
                tables.map(|(name, _)| Right::new(&action, named(name))).collect()
            }
            operation => once(format!("dynamodb:{operation}"), table_arn(request)),
        }
    }
}

/// The table of a request, or the index if it names one.
fn table_arn(request: &Value) -> String {
    let table = named(text(&request["TableName"]));
    request["IndexName"].as_str().map_or_else(|| table.clone(), |index| format!("{table}/index/{index}"))
}

fn named(table: &str) -> String {
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn once(action: impl Into<String>, resource: impl Into<String>) -> BTreeSet<Right> {
    BTreeSet::from([Right::new(action, resource)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rights(service: Service, operation: &str, request: Value) -> Vec<String> {
        let call = Call { function: "f".to_owned(), service, operation: operation.to_owned(), request };
        call.rights().iter().map(Right::to_string).collect()
    }

    #[test]
    fn a_call_needs_what_the_service_authorization_reference_says() {
        let table = "arn:aws:dynamodb:us-east-1:000000000000:table/t";
        let items = json!({"TransactItems": [
            {"Put": {"TableName": "t"}}, {"Put": {"TableName": "t"}}, {"ConditionCheck": {"TableName": "t"}},
        ]});
        for (service, operation, request, expected) in [
            (Service::DynamoDb, "GetItem", json!({"TableName": "t"}), vec![format!("dynamodb:GetItem on {table}")]),
            (
                Service::DynamoDb,
                "Query",
                json!({"TableName": "t", "IndexName": "i"}),
                vec![format!("dynamodb:Query on {table}/index/i")],
            ),
            (
                Service::DynamoDb,
                "TransactWriteItems",
                items,
                vec![format!("dynamodb:ConditionCheckItem on {table}"), format!("dynamodb:PutItem on {table}")],
            ),
            (
                Service::DynamoDb,
                "BatchGetItem",
                json!({"RequestItems": {"t": {}}}),
                vec![format!("dynamodb:BatchGetItem on {table}")],
            ),
            (
                Service::Sqs,
                "SendMessageBatch",
                json!({"QueueUrl": "http://127.0.0.1:1/000000000000/q.fifo"}),
                vec!["sqs:SendMessage on arn:aws:sqs:us-east-1:000000000000:q.fifo".to_owned()],
            ),
            (
                Service::Ssm,
                "GetParameter",
                json!({"Name": "/a/b"}),
                vec!["ssm:GetParameter on arn:aws:ssm:us-east-1:000000000000:parameter/a/b".to_owned()],
            ),
            (
                Service::Ses,
                "outbound-emails",
                json!({"FromEmailAddress": "Help <desk@example.org>"}),
                vec!["ses:SendEmail on arn:aws:ses:us-east-1:000000000000:identity/example.org".to_owned()],
            ),
        ] {
            assert_eq!(rights(service, operation, request), expected, "{operation}");
        }
    }
}
