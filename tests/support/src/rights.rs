//! What the role of each function may do, by template.yaml, and what calls need.

use crate::call::{Call, Service};
use crate::policy;
use local::template::{Resolved, ResolvedQueue, Source, Template};
use local::{ACCOUNT, REGION, Result};
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
    /// The partitions of a table or index (`dynamodb:LeadingKeys`). For a granted right a pattern
    /// such as `USER#*`, or `None` for every partition. For a needed right the partition key.
    pub key: Option<String>,
    /// Whether a parameter is overwritten (`ssm:Overwrite`). For a granted right `Some(false)`, or
    /// `None` if both are allowed.
    pub overwrites: Option<bool>,
}

impl Right {
    pub(crate) fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), key: None, overwrites: None }
    }

    pub(crate) fn that_overwrites(self, overwrites: bool) -> Self {
        Self { overwrites: Some(overwrites), ..self }
    }

    pub(crate) fn on(self, key: Option<String>) -> Self {
        Self { key, ..self }
    }

    /// Returns whether this granted right is enough for the needed one.
    pub(crate) fn covers(&self, needed: &Self) -> bool {
        let on_the_key = match (&self.key, &needed.key) {
            (None, _) => true,
            (Some(pattern), Some(key)) => is_like(key, pattern),
            (Some(_), None) => false,
        };
        let as_written = self.overwrites.is_none_or(|overwrites| needed.overwrites == Some(overwrites));
        on_the_key && as_written && (&self.action, &self.resource) == (&needed.action, &needed.resource)
    }

    /// Returns the right to all keys with the same prefix, which is what to grant if it is lacking.
    pub(crate) fn on_same_prefix(self) -> Self {
        let key = self.key.map(|key| key.split_once('#').map_or(key.clone(), |(kind, _)| format!("{kind}#*")));
        Self { key, ..self }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} on {}", self.action, self.resource)?;
        if let Some(overwrites) = self.overwrites {
            write!(formatter, ", ssm:Overwrite {overwrites}")?;
        }
        self.key.as_ref().map_or(Ok(()), |key| write!(formatter, ", leading key {key}"))
    }
}

/// Matches like `StringLike`, for the patterns that [`crate::policy`] accepts: with or without a
/// star at the end.
fn is_like(key: &str, pattern: &str) -> bool {
    pattern.strip_suffix('*').map_or(key == pattern, |prefix| key.starts_with(prefix))
}

/// The attribute that is the partition key of the table, and of each of its indexes, by the index's
/// name.
#[derive(Debug, Clone, Default)]
pub(crate) struct LeadingKeys {
    table: String,
    indexes: BTreeMap<String, String>,
}

impl LeadingKeys {
    /// Reads them from a `CreateTable` request.
    pub(crate) fn of(create_request: &Value) -> Self {
        let indexes = create_request["GlobalSecondaryIndexes"].as_array().into_iter().flatten();
        let indexes = indexes.map(|index| (text(&index["IndexName"]).to_owned(), hash(index)));
        Self { table: hash(create_request), indexes: indexes.collect() }
    }

    /// Returns the partition key of a key or an item.
    fn in_item(&self, item: &Value) -> Option<String> {
        Some(item.get(&self.table)?["S"].as_str()?.to_owned())
    }

    /// Returns the partition key of a query. DynamoDB accepts no query without one.
    fn in_query(&self, request: &Value) -> Option<String> {
        let hash = match request["IndexName"].as_str() {
            Some(index) => self.indexes.get(index)?,
            None => &self.table,
        };
        let named = |name: &str| request["ExpressionAttributeNames"][name].as_str().unwrap_or(name).to_owned();
        let conditions = text(&request["KeyConditionExpression"]).split(" AND ");
        let of_hash =
            conditions.filter_map(|condition| condition.split_once(" = ")).find(|(name, _)| named(name) == *hash);
        let value = &request["ExpressionAttributeValues"][of_hash?.1]["S"];
        value.as_str().map(str::to_owned)
    }
}

fn hash(described: &Value) -> String {
    let schema = described["KeySchema"].as_array().into_iter().flatten();
    let hash = schema.filter(|key| key["KeyType"] == "HASH").map(|key| text(&key["AttributeName"]).to_owned());
    hash.collect()
}

/// The rights of each function, by its binary.
pub type Rights = BTreeMap<String, BTreeSet<Right>>;

/// The permissions that Lambda needs in a function's role to read a queue for it (Lambda developer
/// guide, "Using Lambda with Amazon SQS").
const READS_A_QUEUE: [&str; 3] = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];

/// The permissions that Lambda needs in a function's role to read a stream for it (Lambda developer
/// guide, "Using Lambda with Amazon DynamoDB").
const READS_A_STREAM: [&str; 4] =
    ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"];

/// Returns what the role of each function may do.
pub fn granted(template: &Template, resolved: &Resolved) -> Result<Rights> {
    let mut rights = Rights::new();
    for function in &template.functions {
        let of_function = rights.entry(function.binary.clone()).or_default();
        for statement in policy::of(template, &function.id)? {
            for resource in &statement.resources {
                let resource = resource.evaluate(&resolved.names)?;
                for action in &statement.actions {
                    let overwrites = statement.overwrites(action);
                    let right = Right { overwrites, ..Right::new(action, &resource) };
                    match &statement.keys[..] {
                        [] => of_function.extend([right]),
                        keys => of_function.extend(keys.iter().map(|key| right.clone().on(Some(key.clone())))),
                    }
                }
            }
        }
    }
    Ok(rights)
}

/// Returns what mappings need of the role of each function that they invoke.
pub fn of_mappings(template: &Template, resolved: &Resolved) -> Rights {
    let arn = |id: &str| {
        let queue = resolved.queues.iter().find(|queue: &&ResolvedQueue| queue.id == id);
        queue.map(|queue| queue.arn.clone()).unwrap_or_default()
    };
    let mut rights = Rights::new();
    for mapping in &template.mappings {
        let of_function = rights.entry(mapping.function.clone()).or_default();
        match &mapping.source {
            Source::Queue { queue } => of_function.extend(READS_A_QUEUE.map(|action| Right::new(action, arn(queue)))),
            Source::Stream { retry, .. } => {
                let stream = &resolved.table.stream_arn;
                of_function.extend(READS_A_STREAM.map(|action| Right::new(action, stream)));
                of_function.extend(retry.on_failure_queue.iter().map(|id| Right::new("sqs:SendMessage", arn(id))));
            }
        }
    }
    rights
}

impl Call {
    /// Returns the rights that AWS requires for the call: those of the service authorization
    /// reference, on each partition that it names.
    pub(crate) fn rights(&self, leading: &LeadingKeys) -> BTreeSet<Right> {
        match self.service {
            Service::DynamoDb => self.table_rights(leading),
            Service::Sqs => {
                // A batch needs the permissions of each of its messages.
                let action = self.operation.trim_end_matches("Batch");
                let queue = text(&self.request["QueueUrl"]).rsplit('/').next().unwrap_or_default();
                once(Right::new(format!("sqs:{action}"), format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}")))
            }
            Service::Ssm => {
                let name = text(&self.request["Name"]);
                let parameter = format!("arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{name}");
                let right = Right::new(format!("ssm:{}", self.operation), parameter);
                let overwrites = self.request["Overwrite"].as_bool().unwrap_or_default();
                once(if right.action == policy::PUT_PARAMETER { right.that_overwrites(overwrites) } else { right })
            }
            Service::Ses => {
                let domain = text(&self.request["FromEmailAddress"]).rsplit('@').next().unwrap_or_default();
                let domain = domain.trim_end_matches('>');
                let set = self.request["ConfigurationSetName"].as_str().map(|name| format!("configuration-set/{name}"));
                let resources = [format!("identity/{domain}")].into_iter().chain(set);
                let arn = |resource| format!("arn:aws:ses:{REGION}:{ACCOUNT}:{resource}");
                resources.map(|resource| Right::new("ses:SendEmail", arn(resource))).collect()
            }
        }
    }

    fn table_rights(&self, leading: &LeadingKeys) -> BTreeSet<Right> {
        let request = &self.request;
        let of_item = |action: String, on: &Value| {
            let key = leading.in_item(&on["Key"]).or_else(|| leading.in_item(&on["Item"]));
            Right::new(action, table_arn(on)).on(key)
        };
        match self.operation.as_str() {
            "TransactWriteItems" | "TransactGetItems" => {
                let items = request["TransactItems"].as_array().into_iter().flatten();
                let kinds = items.filter_map(|item| item.as_object()?.iter().next());
                // `Put` needs `PutItem`. There is no permission for transactions (DynamoDB
                // developer guide, "Using IAM with DynamoDB transactions").
                kinds.map(|(kind, item)| of_item(format!("dynamodb:{kind}Item"), item)).collect()
            }
            "BatchGetItem" | "BatchWriteItem" => {
                let action = format!("dynamodb:{}", self.operation);
                let tables = request["RequestItems"].as_object().into_iter().flatten();
                let right = |name: &str, key| Right::new(&action, named(name)).on(key);
                tables.flat_map(|(name, batch)| keys_of(batch, leading).map(move |key| right(name, key))).collect()
            }
            "Query" => once(Right::new("dynamodb:Query", table_arn(request)).on(leading.in_query(request))),
            operation => once(of_item(format!("dynamodb:{operation}"), request)),
        }
    }
}

/// Returns the partition keys of a table's part of a batch.
fn keys_of<'a>(batch: &'a Value, leading: &'a LeadingKeys) -> impl Iterator<Item = Option<String>> + 'a {
    let read = batch["Keys"].as_array().into_iter().flatten();
    let written = batch.as_array().into_iter().flatten();
    let written = written.filter_map(|write| write.as_object()?.values().next());
    let written = written.map(|write| write.get("Key").unwrap_or(&write["Item"]));
    read.chain(written).map(|item| leading.in_item(item))
}

/// Returns the ARN of the request's table, or of the index that it names.
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

fn once(right: Right) -> BTreeSet<Right> {
    BTreeSet::from([right])
}

#[cfg(test)]
mod tests;
