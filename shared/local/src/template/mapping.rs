//! `AWS::Lambda::EventSourceMapping`.

use super::cursor::Cursor;
use super::expression::Expression;
use super::function::binary_name;
use crate::Result;
use crate::filter::Pattern;

/// Lambda's own defaults.
const DEFAULT_STREAM_BATCH: u32 = 100;
const DEFAULT_QUEUE_BATCH: u32 = 10;

#[derive(Debug, Clone)]
pub struct Mapping {
    pub id: String,
    /// The binary that the mapping invokes.
    pub function: String,
    pub source: Source,
    /// The largest number of records or messages of one invocation.
    pub batch_size: u32,
    /// The filters. An event passes if it matches one of them. All events pass if there are none.
    pub filters: Vec<Pattern>,
    /// Whether the function reports which records failed (`ReportBatchItemFailures`).
    pub reports_item_failures: bool,
}

#[derive(Debug, Clone)]
pub enum Source {
    Stream { table: String, retry: StreamRetry },
    Queue { queue: String },
}

/// The behaviour of a stream mapping when the function fails.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamRetry {
    /// The number of retries after the first invocation, unlimited if it is not set.
    pub max_attempts: Option<u32>,
    /// Whether a failed batch is halved.
    pub bisect: bool,
    /// The id of the queue to which records that were given up are reported.
    pub on_failure_queue: Option<String>,
}

const USED: [&str; 9] = [
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "EventSourceArn",
    "FilterCriteria",
    "FunctionName",
    "FunctionResponseTypes",
    "MaximumRetryAttempts",
    "StartingPosition",
];

/// These properties change when a batch is sent, how many at once, who may see it, or when hours of
/// retries end. They do not change what arrives until then.
const WITHOUT_EFFECT_HERE: [&str; 5] =
    ["KmsKeyArn", "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds", "ScalingConfig", "Tags"];

pub(super) fn read(id: &str, properties: &Cursor<'_>) -> Result<Mapping> {
    properties.only(&USED, &WITHOUT_EFFECT_HERE)?;
    let source = source(properties)?;
    let of_queue = matches!(source, Source::Queue { .. });
    let default_batch = if of_queue { DEFAULT_QUEUE_BATCH } else { DEFAULT_STREAM_BATCH };
    let mapping = Mapping {
        id: id.to_owned(),
        function: function_name(&properties.required("FunctionName")?)?,
        batch_size: properties.get("BatchSize").map_or(Ok(default_batch), |size| size.count())?,
        filters: filters(properties)?,
        reports_item_failures: reports_item_failures(properties)?,
        source,
    };
    if of_queue {
        if let Some(criteria) = properties.get("FilterCriteria") {
            return Err(criteria.unsupported("filters the messages of a queue"));
        }
        // SQS returns ten messages at a time. Lambda collects more only within a batching window.
        if mapping.batch_size > DEFAULT_QUEUE_BATCH {
            return Err(properties.required("BatchSize")?.unsupported("asks for more than ten messages at once"));
        }
    }
    Ok(mapping)
}

fn function_name(cursor: &Cursor<'_>) -> Result<String> {
    let expression = Expression::read(cursor)?;
    let id = expression.reference().or_else(|| expression.attribute().map(|(resource, _)| resource));
    id.map(binary_name).ok_or_else(|| cursor.error("must be a !Ref or !GetAtt of a function"))
}

fn source(properties: &Cursor<'_>) -> Result<Source> {
    let place = properties.required("EventSourceArn")?;
    let expression = Expression::read(&place)?;
    match expression.attribute() {
        Some((table, "StreamArn")) => {
            let position = properties.required("StartingPosition")?;
            if position.text()? != "TRIM_HORIZON" {
                return Err(position.unsupported("is not TRIM_HORIZON"));
            }
            Ok(Source::Stream { table: table.to_owned(), retry: stream_retry(properties)? })
        }
        Some((queue, "Arn")) => Ok(Source::Queue { queue: queue.to_owned() }),
        _ => Err(place.error("must be !GetAtt of a table's StreamArn or a queue's Arn")),
    }
}

fn stream_retry(properties: &Cursor<'_>) -> Result<StreamRetry> {
    let max_attempts = properties.get("MaximumRetryAttempts").map(|value| value.count()).transpose()?;
    let bisect = properties.get("BisectBatchOnFunctionError").map_or(Ok(false), |value| value.boolean())?;
    let destination = properties.get("DestinationConfig").and_then(|config| config.get("OnFailure"));
    let on_failure_queue = destination.map(|destination| on_failure(&destination)).transpose()?;
    Ok(StreamRetry { max_attempts, bisect, on_failure_queue })
}

fn on_failure(destination: &Cursor<'_>) -> Result<String> {
    destination.only(&["Destination"], &[])?;
    let place = destination.required("Destination")?;
    match Expression::read(&place)?.attribute() {
        Some((queue, "Arn")) => Ok(queue.to_owned()),
        _ => Err(place.error("must be !GetAtt of a queue's Arn")),
    }
}

fn filters(properties: &Cursor<'_>) -> Result<Vec<Pattern>> {
    let Some(criteria) = properties.get("FilterCriteria") else { return Ok(Vec::new()) };
    criteria
        .required("Filters")?
        .items()?
        .iter()
        .map(|filter| {
            let pattern = filter.required("Pattern")?;
            Pattern::parse(&pattern.text()?).map_err(|error| pattern.error(error))
        })
        .collect()
}

fn reports_item_failures(properties: &Cursor<'_>) -> Result<bool> {
    let Some(types) = properties.get("FunctionResponseTypes") else { return Ok(false) };
    for item in types.items()? {
        if item.text()? != "ReportBatchItemFailures" {
            return Err(item.unsupported("is not ReportBatchItemFailures"));
        }
    }
    Ok(true)
}
