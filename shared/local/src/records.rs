//! Where the records of the table's stream come from: the engine in this process, or a DynamoDB of another.

use crate::dynamodb::DynamoDb;
use crate::engine::StreamHandle;
use crate::error::during;
use crate::{Error, Result};
use dynoxide::Database;
use dynoxide::actions::get_records::{GetRecordsRequest, GetRecordsResponse};
use dynoxide::actions::get_shard_iterator::encode_shard_iterator;
use jiff::Timestamp;
use serde_json::{Value, json};

/// How long DynamoDB keeps a stream record.
const KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// The most records of one read.
const READ_LIMIT: usize = 1_000;

/// How DynamoDB says that an iterator leads to before a shard's oldest record; it is begun anew then (DynamoDB Streams API reference, `GetRecords`).
/// DynamoDB Local says so of a shard that was empty when it was begun, if other tables were written meanwhile.
const TRIMMED: &str = "TrimmedDataAccessException";

/// A stream that can be read.
#[derive(Clone)]
pub(crate) enum Records {
    /// Read from the engine in this process and not through an SDK: it is the same code the HTTP API calls, and saves one more SDK.
    Embedded(Embedded),
    /// Read over DynamoDB Streams.
    Remote(Box<Remote>),
}

/// A stream of the engine in this process.
#[derive(Clone)]
pub(crate) struct Embedded {
    pub(crate) database: Database,
    pub(crate) table: String,
    pub(crate) stream: StreamHandle,
}

/// A stream of another process.
#[derive(Clone)]
pub(crate) struct Remote {
    pub(crate) dynamodb: DynamoDb,
    pub(crate) arn: String,
}

/// A place in a stream.
#[derive(Debug, Clone)]
pub(crate) struct Position {
    shard: String,
    iterator: String,
    /// The sequence number of the last record read, for when the shard has to be begun anew.
    last: Option<String>,
}

impl Position {
    /// The shard it is in.
    pub(crate) fn shard(&self) -> &str {
        &self.shard
    }
}

impl Records {
    /// The stream's creation label, the last part of its ARN.
    pub(crate) fn label(&self) -> &str {
        match self {
            Self::Embedded(embedded) => &embedded.stream.label,
            Self::Remote(remote) => remote.arn.rsplit('/').next().unwrap_or_default(),
        }
    }

    /// The place of the oldest record that DynamoDB would still have.
    pub(crate) async fn oldest(&self, now: Timestamp) -> Result<Position> {
        match self {
            // The engine keeps records for ever, but numbers them by the microseconds since 1970.
            Self::Embedded(Embedded { table, stream, .. }) => {
                let oldest = now.saturating_sub(KEPT).unwrap_or(Timestamp::UNIX_EPOCH);
                let iterator = encode_shard_iterator(table, &stream.shard, oldest.as_microsecond());
                Ok(Position { shard: stream.shard.clone(), iterator, last: None })
            }
            Self::Remote(remote) => {
                let Remote { dynamodb, arn } = &**remote;
                let shard = shards(dynamodb, arn).await?.into_iter().next();
                let shard = shard.ok_or_else(|| Error::new("The table's stream has no shard."))?;
                begin(dynamodb, arn, shard).await
            }
        }
    }

    /// The records behind that place, and the place behind them.
    pub(crate) async fn read(&self, position: &Position) -> Result<(Vec<Value>, Position)> {
        match self {
            Self::Embedded(embedded) => read_embedded(embedded.database.clone(), position).await,
            Self::Remote(remote) => read_remote(remote, position).await,
        }
    }
}

async fn read_embedded(database: Database, position: &Position) -> Result<(Vec<Value>, Position)> {
    let request = GetRecordsRequest { shard_iterator: position.iterator.clone(), limit: Some(READ_LIMIT) };
    let answer = tokio::task::spawn_blocking(move || database.get_records(request))
        .await
        .map_err(during("Reading the table's stream"))?
        .map_err(during("Reading the table's stream"))?;
    let GetRecordsResponse { records, next_shard_iterator } = answer;
    let records = records.iter().map(serde_json::to_value).collect::<std::result::Result<_, _>>();
    let records = records.map_err(during("Reading a record of the table's stream"))?;
    let iterator = next_shard_iterator.unwrap_or_else(|| position.iterator.clone());
    Ok((records, Position { iterator, ..position.clone() }))
}

async fn read_remote(Remote { dynamodb, arn }: &Remote, position: &Position) -> Result<(Vec<Value>, Position)> {
    let request = json!({ "ShardIterator": position.iterator, "Limit": READ_LIMIT });
    let mut answer = match dynamodb.streams("GetRecords", &request).await {
        Ok(answer) => answer,
        Err(error) if error.to_string().contains(TRIMMED) => {
            let anew = begin(dynamodb, arn, position.shard.clone()).await?;
            return Ok((Vec::new(), Position { last: position.last.clone(), ..anew }));
        }
        Err(error) => return Err(error),
    };
    let records = match answer["Records"].take() {
        Value::Array(records) => unread(records, position.last.as_deref()),
        _ => Vec::new(),
    };
    let last = records.last().map(|record| sequence_number(record).to_owned()).or_else(|| position.last.clone());
    if let Some(iterator) = answer["NextShardIterator"].as_str() {
        return Ok((records, Position { iterator: iterator.to_owned(), shard: position.shard.clone(), last }));
    }
    // A shard that ended: the stream goes on in the next one, once there is one.
    let next = shards(dynamodb, arn).await?.into_iter().skip_while(|shard| *shard != position.shard).nth(1);
    match next {
        Some(shard) => Ok((records, begin(dynamodb, arn, shard).await?)),
        None => Ok((records, Position { last, ..position.clone() })),
    }
}

/// The records behind that sequence number; longer ones are larger.
fn unread(records: Vec<Value>, last: Option<&str>) -> Vec<Value> {
    let Some(last) = last else { return records };
    let is_new = |record: &Value| {
        let number = sequence_number(record);
        (number.len(), number) > (last.len(), last)
    };
    records.into_iter().filter(is_new).collect()
}

/// The number of a record in its stream.
pub(crate) fn sequence_number(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()
}

/// The stream's shards, the oldest first.
async fn shards(dynamodb: &DynamoDb, arn: &str) -> Result<Vec<String>> {
    let answer = dynamodb.streams("DescribeStream", &json!({ "StreamArn": arn })).await?;
    let shards = answer["StreamDescription"]["Shards"].as_array().into_iter().flatten();
    Ok(shards.filter_map(|shard| shard["ShardId"].as_str().map(str::to_owned)).collect())
}

async fn begin(dynamodb: &DynamoDb, arn: &str, shard: String) -> Result<Position> {
    let request = json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
    let answer = dynamodb.streams("GetShardIterator", &request).await?;
    let iterator = answer["ShardIterator"].as_str().unwrap_or_default().to_owned();
    Ok(Position { shard, iterator, last: None })
}
