//! The mapping that carries the table's stream to its function.
//!
//! A start reads from the oldest record that DynamoDB would still have, because the queues behind
//! the function are in memory and a stop may have lost messages. The functions recognise an event
//! that they have already handled by its id.

use super::Target;
use super::batch::{Next, Plan, Work, outcome};
use crate::records::{Records, sequence_number};
use crate::template::StreamRetry;
use crate::{ACCOUNT, REGION, clock};
use jiff::Timestamp;
use rustack_sqs_model::input::SendMessageInput;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

/// How often an idle stream is read. Lambda reads four times a second.
const POLL_EVERY: Duration = Duration::from_millis(50);

/// The wait after the engine rejected a read.
const AFTER_AN_ERROR: Duration = Duration::from_secs(1);

pub(super) struct Reader {
    /// The stream's ARN, as functions see it.
    pub(super) arn: String,
    pub(super) target: Target,
    pub(super) retry: StreamRetry,
    pub(super) on_failure_url: Option<String>,
}

impl Reader {
    /// Carries records until the task is dropped.
    pub(super) async fn run(self, mut stream: Box<dyn Records>) {
        loop {
            match stream.read().await {
                Ok(found) => {
                    let idle = found.records.is_empty();
                    for batch in self.batches(found.records) {
                        self.deliver(batch, &found.shard).await;
                    }
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

    fn as_lambda_sends_it(&self, mut record: Value) -> Value {
        record["awsRegion"] = json!(REGION);
        record["eventSourceARN"] = json!(self.arn);
        // Lambda's events have a whole number of seconds.
        if let Some(seconds) = record["dynamodb"]["ApproximateCreationDateTime"].as_f64() {
            #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970 are far below the limits of i64")]
            let seconds = seconds as i64;
            record["dynamodb"]["ApproximateCreationDateTime"] = json!(seconds);
        }
        record
    }

    /// Returns the records that pass the filters, in batches.
    fn batches(&self, records: Vec<Value>) -> Vec<Vec<Value>> {
        let filters = &self.target.mapping.filters;
        let passing = |record: &Value| filters.is_empty() || filters.iter().any(|filter| filter.matches(record));
        let records = records.into_iter().map(|record| self.as_lambda_sends_it(record));
        let records: Vec<Value> = records.filter(passing).collect();
        let size = usize::try_from(self.target.mapping.batch_size).unwrap_or(usize::MAX).max(1);
        records.chunks(size).map(<[Value]>::to_vec).collect()
    }

    /// Sends one batch until it is done or given up.
    async fn deliver(&self, records: Vec<Value>, shard: &str) {
        let function = &self.target.mapping.function;
        let mut plan = Plan::new(records, &self.retry);
        while let Some(work) = plan.front() {
            // While it is down, the interface would queue one more invocation with every retry.
            self.target.parts.invoker.instances.wait_until_running(function).await;
            let event = json!({ "Records": work.records });
            let identifiers: Vec<String> =
                work.records.iter().map(|record| sequence_number(record).to_owned()).collect();
            let answer = self.target.parts.invoker.invoke(function, &event, self.target.deadline).await;
            let outcome = outcome(&answer, self.target.mapping.reports_item_failures, &identifiers);
            match plan.settle(&outcome) {
                Next::Continue => {}
                Next::Wait(pause) => sleep(pause).await,
                Next::GiveUp(work) => self.give_up(&work, shard).await,
            }
        }
    }

    /// Reports to the on-failure destination which records were given up, in Lambda's format.
    async fn give_up(&self, work: &Work, shard: &str) {
        let function = &self.target.mapping.function;
        eprintln!("{function} failed too often. Stream records put aside: {}.", work.records.len());
        let Some(queue_url) = &self.on_failure_url else { return };
        let input = SendMessageInput {
            queue_url: queue_url.clone(),
            message_body: self.failure_message(work, shard).to_string(),
            ..SendMessageInput::default()
        };
        if let Err(error) = self.target.parts.sqs.send_message(input).await {
            eprintln!("Cannot send these records to the on-failure queue: {error}.");
        }
    }

    fn failure_message(&self, work: &Work, shard: &str) -> Value {
        let first = work.records.first().unwrap_or(&Value::Null);
        let last = work.records.last().unwrap_or(&Value::Null);
        let function = &self.target.mapping.function;
        json!({
            "version": "1.0",
            "timestamp": clock::now().to_string(),
            "requestContext": {
                "functionArn": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"),
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": work.retries + 1,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "DDBStreamBatchInfo": {
                "shardId": shard,
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

fn arrival(record: &Value) -> String {
    let seconds = record["dynamodb"]["ApproximateCreationDateTime"].as_i64().unwrap_or_default();
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}
