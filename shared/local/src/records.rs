//! Where the records of the table's stream come from: the engine in this process, or a DynamoDB of another.

use crate::dynamodb::DynamoDb;
use crate::engine::StreamHandle;
use crate::error::during;
use crate::{Error, Result, clock};
use dynoxide::Database;
use dynoxide::actions::get_records::{GetRecordsRequest, GetRecordsResponse};
use dynoxide::actions::get_shard_iterator::encode_shard_iterator;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeSet, VecDeque};

/// How long DynamoDB keeps a stream record.
const KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// The most records of one read.
const READ_LIMIT: usize = 1_000;

/// How DynamoDB says that an iterator leads to before a shard's oldest record; it is begun anew then (DynamoDB Streams API reference, `GetRecords`).
/// DynamoDB Local says so of a shard that was empty when it was begun, if other tables were written meanwhile.
const TRIMMED: &str = "TrimmedDataAccessException";

/// A stream that is read from its oldest record on; a clone is read from where its original was.
#[derive(Clone)]
pub(crate) enum Records {
    /// Read from the engine in this process and not through an SDK: it is the same code the HTTP API calls, and saves one more SDK.
    Embedded(Embedded),
    /// Read over DynamoDB Streams.
    Remote(Box<Remote>),
}

/// What one read found: records of one shard.
pub(crate) struct Found {
    pub(crate) shard: String,
    pub(crate) records: Vec<Value>,
}

impl Records {
    /// The stream's creation label, the last part of its ARN.
    pub(crate) fn label(&self) -> &str {
        match self {
            Self::Embedded(embedded) => &embedded.stream.label,
            Self::Remote(remote) => remote.arn.rsplit('/').next().unwrap_or_default(),
        }
    }

    /// Reads on. What an error kept from being read is read the next time.
    pub(crate) async fn read(&mut self) -> Result<Found> {
        match self {
            Self::Embedded(embedded) => embedded.read().await,
            Self::Remote(remote) => remote.read().await,
        }
    }
}

/// A stream of the engine in this process: one shard that never ends.
#[derive(Clone)]
pub(crate) struct Embedded {
    database: Database,
    stream: StreamHandle,
    iterator: String,
}

impl Embedded {
    /// The stream of that table, from the oldest record that DynamoDB would still have. The engine keeps records for ever, but
    /// numbers them by the microseconds since 1970.
    pub(crate) fn new(database: Database, table: &str, stream: StreamHandle) -> Self {
        let oldest = clock::now().saturating_sub(KEPT).unwrap_or(Timestamp::UNIX_EPOCH);
        let iterator = encode_shard_iterator(table, &stream.shard, oldest.as_microsecond());
        Self { database, stream, iterator }
    }

    async fn read(&mut self) -> Result<Found> {
        let database = self.database.clone();
        let request = GetRecordsRequest { shard_iterator: self.iterator.clone(), limit: Some(READ_LIMIT) };
        let answer = tokio::task::spawn_blocking(move || database.get_records(request))
            .await
            .map_err(during("Reading the table's stream"))?
            .map_err(during("Reading the table's stream"))?;
        let GetRecordsResponse { records, next_shard_iterator } = answer;
        let records = records.iter().map(serde_json::to_value).collect::<std::result::Result<_, _>>();
        let records = records.map_err(during("Reading a record of the table's stream"))?;
        if let Some(next) = next_shard_iterator {
            self.iterator = next;
        }
        Ok(Found { shard: self.stream.shard.clone(), records })
    }
}

/// A stream of another process: shards that end and are followed by others.
#[derive(Clone)]
pub(crate) struct Remote {
    dynamodb: DynamoDb,
    arn: String,
    /// The shards being read, in turns.
    open: VecDeque<Shard>,
    /// The ids of the shards that are or were read.
    known: BTreeSet<String>,
    /// Whether there may be shards that are not known.
    looking: bool,
}

/// A shard, and where to read on in it.
#[derive(Clone)]
struct Shard {
    id: String,
    iterator: String,
    /// The sequence number of the last record read, for when the shard has to be begun anew.
    last: Option<String>,
}

impl Remote {
    pub(crate) fn new(dynamodb: DynamoDb, arn: String) -> Self {
        Self { dynamodb, arn, open: VecDeque::new(), known: BTreeSet::new(), looking: true }
    }

    async fn read(&mut self) -> Result<Found> {
        if self.looking {
            self.look_for_shards().await?;
        }
        let Some(shard) = self.open.front() else { return Ok(Found { shard: String::new(), records: Vec::new() }) };
        let mut shard = shard.clone();
        let mut answer = self.records_of(&mut shard).await?;
        self.open.pop_front();
        let records = match answer["Records"].take() {
            Value::Array(records) => unread(records, shard.last.as_deref()),
            _ => Vec::new(),
        };
        if let Some(last) = records.last() {
            shard.last = Some(sequence_number(last).to_owned());
        }
        let id = shard.id.clone();
        match answer["NextShardIterator"].as_str() {
            Some(next) => self.open.push_back(Shard { iterator: next.to_owned(), ..shard }),
            None => self.looking = true,
        }
        Ok(Found { shard: id, records })
    }

    /// What `GetRecords` answers, from the shard's beginning if where it was read to is not there any more.
    async fn records_of(&self, shard: &mut Shard) -> Result<Value> {
        let request = |shard: &Shard| json!({ "ShardIterator": shard.iterator, "Limit": READ_LIMIT });
        match self.dynamodb.streams("GetRecords", &request(shard)).await {
            Err(error) if error.to_string().contains(TRIMMED) => {}
            answer => return answer,
        }
        shard.iterator = self.oldest_in(&shard.id).await?;
        self.dynamodb.streams("GetRecords", &request(shard)).await
    }

    /// Opens every shard whose parent was read to its end, so that an item's changes stay in order.
    async fn look_for_shards(&mut self) -> Result<()> {
        let described = self.shards().await?;
        let unknown: Vec<&(String, Option<String>)> =
            described.iter().filter(|(id, _)| !self.known.contains(id)).collect();
        let is_to_come = |parent: &String| {
            self.open.iter().any(|open| open.id == *parent) || unknown.iter().any(|(id, _)| id == parent)
        };
        let ready = unknown.iter().filter(|(_, parent)| !parent.as_ref().is_some_and(is_to_come));
        let ready: Vec<String> = ready.map(|(id, _)| id.clone()).collect();
        for id in ready {
            let iterator = self.oldest_in(&id).await?;
            self.known.insert(id.clone());
            self.open.push_back(Shard { id, iterator, last: None });
            self.looking = false;
        }
        Ok(())
    }

    /// Every shard of the stream and the one it follows.
    async fn shards(&self) -> Result<Vec<(String, Option<String>)>> {
        let mut shards = Vec::new();
        let mut request = json!({ "StreamArn": self.arn });
        loop {
            let answer = self.dynamodb.streams("DescribeStream", &request).await?;
            let description = &answer["StreamDescription"];
            for shard in description["Shards"].as_array().into_iter().flatten() {
                let text = |name: &str| shard[name].as_str().map(str::to_owned);
                shards.push((text("ShardId").unwrap_or_default(), text("ParentShardId")));
            }
            let Some(last) = description["LastEvaluatedShardId"].as_str() else { return Ok(shards) };
            request["ExclusiveStartShardId"] = json!(last);
        }
    }

    async fn oldest_in(&self, shard: &str) -> Result<String> {
        let request = json!({ "StreamArn": self.arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
        let answer = self.dynamodb.streams("GetShardIterator", &request).await?;
        let iterator = answer["ShardIterator"].as_str().map(str::to_owned);
        iterator.ok_or_else(|| Error::new(format!("The shard {shard} has no beginning.")))
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

#[cfg(test)]
mod tests;
