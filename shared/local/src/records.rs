//! The source of the table's stream records: the engine in this process, or a replacement in tests.

use crate::error::during;
use crate::template::ResolvedTable;
use crate::{Error, Result, clock};
use dynoxide::Database;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::describe_table::DescribeTableRequest;
use dynoxide::actions::get_records::{GetRecordsRequest, GetRecordsResponse};
use dynoxide::actions::get_shard_iterator::encode_shard_iterator;
use jiff::Timestamp;
use serde_json::Value;
use std::fmt;
use std::pin::Pin;

/// How long DynamoDB keeps a stream record.
const KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// The largest number of records of one read.
const READ_LIMIT: usize = 1_000;

/// The future result of an engine or a stream.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// A DynamoDB in another process. A laptop has none. Tests use one instead of the embedded engine.
pub trait RemoteEngine: fmt::Debug + Send + Sync {
    /// Returns the address of the engine.
    fn url(&self) -> String;

    /// Returns the name of a table that exists for one stack alone.
    fn table_name(&self) -> String;

    /// Creates the table and opens its stream.
    fn open<'a>(&'a self, table: &'a ResolvedTable) -> Answer<'a, Box<dyn Records>>;
}

/// A stream that is read from its oldest record on.
pub trait Records: Send + Sync {
    /// Returns the stream's creation label, the last part of its ARN.
    fn label(&self) -> &str;

    /// Reads the next records. Records that could not be read because of an error are read the next
    /// time.
    fn read(&mut self) -> Answer<'_, Found>;

    /// Returns another reader that continues from the position of this one.
    fn another(&self) -> Box<dyn Records>;
}

/// The result of one read: records of one shard.
#[derive(Debug)]
pub struct Found {
    pub shard: String,
    pub records: Vec<Value>,
}

/// The stream of the engine in this process: one shard that never ends. It is read from the engine
/// and not through an SDK. It is the same code that the HTTP API calls, and saves one more SDK.
#[derive(Clone)]
pub(crate) struct Embedded {
    database: Database,
    label: String,
    shard: String,
    iterator: String,
}

impl Embedded {
    /// Opens the table's stream at the oldest record that DynamoDB would still have. The engine
    /// keeps records forever, but numbers them by the microseconds since 1970.
    pub(crate) fn open(database: Database, table: &str) -> Result<Self> {
        let described = database
            .describe_table(DescribeTableRequest { table_name: table.to_owned() })
            .map_err(during("Looking for the table"))?;
        let stream_arn = described.table.latest_stream_arn.ok_or_else(|| {
            Error::new("The stored table has no stream. Start with an empty one: `cargo local --fresh`.")
        })?;
        let request = DescribeStreamRequest { stream_arn, ..DescribeStreamRequest::default() };
        let described = database.describe_stream(request).map_err(during("Looking for the table's stream"))?;
        let stream = described.stream_description;
        let shard = stream.shards.into_iter().next();
        let shard = shard.ok_or_else(|| Error::new("The table's stream has no shard."))?.shard_id;
        let oldest = clock::now().saturating_sub(KEPT).unwrap_or(Timestamp::UNIX_EPOCH);
        let iterator = encode_shard_iterator(table, &shard, oldest.as_microsecond());
        Ok(Self { database, label: stream.stream_label, shard, iterator })
    }

    async fn read_on(&mut self) -> Result<Found> {
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
        Ok(Found { shard: self.shard.clone(), records })
    }
}

impl Records for Embedded {
    fn label(&self) -> &str {
        &self.label
    }

    fn read(&mut self) -> Answer<'_, Found> {
        Box::pin(self.read_on())
    }

    fn another(&self) -> Box<dyn Records> {
        Box::new(self.clone())
    }
}

pub fn sequence_number(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()
}
