//! The table's stream, carried to its function.
//!
//! The records are read from the engine in this process and not through an SDK: it is the same code the HTTP API
//! calls, and saves one more SDK. A start reads from the oldest record that DynamoDB would still have, because the
//! queues behind the function are in memory and a stop may have lost messages; the functions recognise what they have
//! done by its id.

use super::batch::{Next, Plan, Work, outcome};
use super::{Parts, Target};
use crate::engine::StreamHandle;
use crate::error::during;
use crate::template::StreamRetry;
use crate::{ACCOUNT, REGION, Result};
use dynoxide::actions::get_records::{GetRecordsRequest, GetRecordsResponse};
use dynoxide::actions::get_shard_iterator::encode_shard_iterator;
use jiff::Timestamp;
use rustack_sqs_model::input::SendMessageInput;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

/// How often an idle stream is read. Lambda reads four times a second.
const POLL_EVERY: Duration = Duration::from_millis(50);

/// The wait after the engine refused a read.
const AFTER_AN_ERROR: Duration = Duration::from_secs(1);

/// How long DynamoDB keeps a stream record.
const KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// The most records of one read.
const READ_LIMIT: usize = 1_000;

/// One mapping on one stream.
pub(super) struct Reader {
    /// The stream's ARN as functions see it.
    pub(super) arn: String,
    pub(super) handle: StreamHandle,
    pub(super) target: Target,
    pub(super) retry: StreamRetry,
    pub(super) on_failure_url: Option<String>,
    pub(super) parts: Parts,
}

impl Reader {
    /// Carries records until the task is dropped.
    pub(super) async fn run(self) {
        let mut position = self.oldest_position();
        loop {
            match self.read(position.clone()).await {
                Ok((records, next)) => {
                    let idle = records.is_empty();
                    for batch in self.batches(records) {
                        self.deliver(batch).await;
                    }
                    position = next;
                    if idle {
                        sleep(POLL_EVERY).await;
                    }
                }
                Err(error) => {
                    eprintln!("{error}");
                    sleep(AFTER_AN_ERROR).await;
                }
            }
        }
    }

    /// The place of the oldest record DynamoDB would still have. The engine keeps records for ever, but numbers them
    /// by the microseconds since 1970.
    fn oldest_position(&self) -> String {
        let oldest = now().saturating_sub(KEPT).unwrap_or(Timestamp::UNIX_EPOCH);
        let table = self.arn.split('/').nth(1).unwrap_or_default();
        encode_shard_iterator(table, &self.handle.shard, oldest.as_microsecond())
    }

    async fn read(&self, position: String) -> Result<(Vec<Value>, String)> {
        let database = self.parts.database.clone();
        let request = GetRecordsRequest { shard_iterator: position.clone(), limit: Some(READ_LIMIT) };
        let answer = tokio::task::spawn_blocking(move || database.get_records(request))
            .await
            .map_err(during("Reading the table's stream"))?
            .map_err(during("Reading the table's stream"))?;
        let GetRecordsResponse { records, next_shard_iterator } = answer;
        let records = records
            .iter()
            .map(|record| serde_json::to_value(record).map(|record| self.as_lambda_sends_it(record)))
            .collect::<std::result::Result<_, _>>()
            .map_err(during("Reading a record of the table's stream"))?;
        Ok((records, next_shard_iterator.unwrap_or(position)))
    }

    fn as_lambda_sends_it(&self, mut record: Value) -> Value {
        record["awsRegion"] = json!(REGION);
        record["eventSourceARN"] = json!(self.arn);
        // A whole number of seconds in Lambda's events.
        if let Some(seconds) = record["dynamodb"]["ApproximateCreationDateTime"].as_f64() {
            #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970 are far below the limits of i64")]
            let seconds = seconds as i64;
            record["dynamodb"]["ApproximateCreationDateTime"] = json!(seconds);
        }
        record
    }

    /// What passes the filters, in batches.
    fn batches(&self, records: Vec<Value>) -> Vec<Vec<Value>> {
        let filters = &self.target.mapping.filters;
        let passing = |record: &Value| filters.is_empty() || filters.iter().any(|filter| filter.matches(record));
        let records: Vec<Value> = records.into_iter().filter(passing).collect();
        let size = usize::try_from(self.target.mapping.batch_size).unwrap_or(usize::MAX).max(1);
        records.chunks(size).map(<[Value]>::to_vec).collect()
    }

    /// Sends one batch until it is done or given up.
    async fn deliver(&self, records: Vec<Value>) {
        let function = &self.target.mapping.function;
        let mut plan = Plan::new(records, &self.retry);
        while let Some(work) = plan.front() {
            self.parts.invoker.until_running(function).await;
            let event = json!({ "Records": work.records });
            let identifiers: Vec<String> = work.records.iter().map(sequence_number).collect();
            let answer = self.parts.invoker.invoke(function, &event, self.target.deadline).await;
            let outcome = outcome(&answer, self.target.mapping.reports_item_failures, &identifiers);
            match plan.settle(&outcome) {
                Next::GoOn => {}
                Next::Wait(pause) => sleep(pause).await,
                Next::GiveUp(work) => self.give_up(&work).await,
            }
        }
    }

    /// Tells the on-failure destination which records were given up, in the form Lambda does.
    async fn give_up(&self, work: &Work) {
        let function = &self.target.mapping.function;
        eprintln!("{function} failed too often with {} stream records; they are given up.", work.records.len());
        let Some(queue_url) = &self.on_failure_url else { return };
        let input = SendMessageInput {
            queue_url: queue_url.clone(),
            message_body: self.failure_message(work).to_string(),
            ..SendMessageInput::default()
        };
        if let Err(error) = self.parts.sqs.send_message(input).await {
            eprintln!("The destination of given up records refused them: {error}.");
        }
    }

    fn failure_message(&self, work: &Work) -> Value {
        let first = work.records.first().unwrap_or(&Value::Null);
        let last = work.records.last().unwrap_or(&Value::Null);
        let function = &self.target.mapping.function;
        json!({
            "version": "1.0",
            "timestamp": now().to_string(),
            "requestContext": {
                "functionArn": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"),
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": work.retries + 1,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "DDBStreamBatchInfo": {
                "shardId": self.handle.shard,
                "startSequenceNumber": sequence_number(first),
                "endSequenceNumber": sequence_number(last),
                "approximateArrivalOfFirstRecord": arrival(first),
                "approximateArrivalOfLastRecord": arrival(last),
                "batchSize": work.records.len(),
                "streamArn": self.arn,
            },
        })
    }
}

/// The machine's clock, as Lambda's own pollers read theirs.
#[expect(clippy::disallowed_methods, reason = "this is the edge: the poller plays AWS's part")]
fn now() -> Timestamp {
    Timestamp::now()
}

fn sequence_number(record: &Value) -> String {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default().to_owned()
}

fn arrival(record: &Value) -> String {
    let seconds = record["dynamodb"]["ApproximateCreationDateTime"].as_i64().unwrap_or_default();
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}
