//! A table's stream, read through DynamoDB Streams.

use crate::dynamodb::DynamoDb;
use local::records::{Answer, Found, Records, sequence_number};
use local::{Error, Result};
use serde_json::{Value, json};
use std::collections::{BTreeSet, VecDeque};

/// The maximum number of records of one read.
const READ_LIMIT: usize = 1_000;

/// The error for an iterator that points to before a shard's oldest record. The shard is then
/// restarted (DynamoDB Streams API reference, `GetRecords`). DynamoDB Local also reports it for a
/// shard that was empty at its start, if other tables were written in the meantime.
const TRIMMED: &str = "TrimmedDataAccessException";

/// A stream in another process: shards end and are followed by others.
#[derive(Clone)]
pub(crate) struct Shards {
    dynamodb: DynamoDb,
    arn: String,
    /// The shards that are being read, in turns.
    open: VecDeque<Shard>,
    /// The ids of all shards that are or were read.
    known: BTreeSet<String>,
    /// Whether there may be unknown shards.
    looking: bool,
}

/// A shard and the position of the next read.
#[derive(Clone)]
struct Shard {
    id: String,
    iterator: String,
    /// The sequence number of the last record read, in case the shard must be restarted.
    last: Option<String>,
}

impl Shards {
    pub(crate) fn new(dynamodb: DynamoDb, arn: String) -> Self {
        Self { dynamodb, arn, open: VecDeque::new(), known: BTreeSet::new(), looking: true }
    }

    async fn read_on(&mut self) -> Result<Found> {
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

    /// Returns the response of `GetRecords`, from the start of the shard if the position no longer
    /// exists.
    async fn records_of(&self, shard: &mut Shard) -> Result<Value> {
        let request = |shard: &Shard| json!({ "ShardIterator": shard.iterator, "Limit": READ_LIMIT });
        match self.dynamodb.streams("GetRecords", &request(shard)).await {
            Err(error) if error.to_string().contains(TRIMMED) => {}
            answer => return answer,
        }
        shard.iterator = self.oldest_in(&shard.id).await?;
        self.dynamodb.streams("GetRecords", &request(shard)).await
    }

    /// Opens every shard whose parent was read to its end, so that the changes of an item stay in
    /// order.
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

    /// Returns every shard of the stream with its parent.
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

impl Records for Shards {
    fn label(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or_default()
    }

    fn read(&mut self) -> Answer<'_, Found> {
        Box::pin(self.read_on())
    }

    fn another(&self) -> Box<dyn Records> {
        Box::new(self.clone())
    }
}

/// Returns the records after this sequence number. Longer numbers are larger.
fn unread(records: Vec<Value>, last: Option<&str>) -> Vec<Value> {
    let Some(last) = last else { return records };
    let is_new = |record: &Value| {
        let number = sequence_number(record);
        (number.len(), number) > (last.len(), last)
    };
    records.into_iter().filter(is_new).collect()
}

#[cfg(test)]
mod tests;
