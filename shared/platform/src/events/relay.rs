//! From the table's stream to the queue.
//!
//! The stream has a record for every log entry that was committed, and nothing else is published. Records of one transaction may
//! arrive in any order, so a batch is put in order by ticket and `seq` before it is sent. A record that cannot be sent is
//! reported, and Lambda comes back with it and all after it: what was sent twice is told apart by its event id.

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::event::TicketEvent;
use domain::log::LogEntry;

use crate::aws::{self, Service};
use crate::{Fatal, config};

/// Messages one call may send (SQS developer guide, "Quotas related to messages").
const MESSAGES_PER_CALL: usize = 10;

/// The queue that events travel on.
#[derive(Debug)]
pub struct EventQueue {
    client: Client,
    url: String,
}

impl EventQueue {
    /// The queue that the environment names, with a connection to it already open.
    ///
    /// # Errors
    /// The variables that are missing, or TLS that cannot be set up.
    pub async fn open() -> Result<Self, Fatal> {
        let [url] = config::required([config::name::EVENTS_QUEUE_URL])?;
        let settings = aws::settings(Service::Sqs)?;
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(settings.behavior)
            .region(settings.region)
            .credentials_provider(settings.credentials)
            .http_client(settings.http_client)
            .timeout_config(settings.timeouts)
            .retry_config(settings.retries);
        let config = match settings.endpoint {
            Some(endpoint) => config.endpoint_url(endpoint),
            None => config,
        };
        aws::warm(Service::Sqs).await?;
        Ok(Self { client: Client::from_conf(config.build()), url })
    }
}

/// A record of the stream: its place there, and the entry it holds.
struct Record {
    sequence_number: String,
    entry: LogEntry,
}

/// Sends the events of a batch of stream records, and says which record to begin again with if not all could be sent.
pub async fn relay(queue: &EventQueue, batch: Event) -> DynamoDbEventResponse {
    let mut response = DynamoDbEventResponse::default();
    let mut records = Vec::new();
    for record in batch.records {
        let sequence_number = record.change.sequence_number.clone().unwrap_or_default();
        match read(record) {
            Ok(entry) => records.push(Record { sequence_number, entry }),
            Err(error) => {
                tracing::error!(sequence_number, error = %error, "unreadable stream record");
                response.batch_item_failures.push(failure(sequence_number));
            }
        }
    }
    records.sort_by_key(|record| (record.entry.ticket, record.entry.seq));
    for chunk in records.chunks(MESSAGES_PER_CALL) {
        for failed in send(queue, chunk).await {
            response.batch_item_failures.push(failure(failed));
        }
        // What comes after a failure must not overtake it.
        if !response.batch_item_failures.is_empty() {
            break;
        }
    }
    response
}

fn failure(sequence_number: String) -> DynamoDbBatchItemFailure {
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = Some(sequence_number);
    failure
}

fn read(record: EventRecord) -> Result<LogEntry, serde_dynamo::Error> {
    serde_dynamo::from_item(record.change.new_image)
}

/// Sends up to ten events in order. Gives back the sequence numbers of those that were not sent.
async fn send(queue: &EventQueue, records: &[Record]) -> Vec<String> {
    let all = || records.iter().map(|record| record.sequence_number.clone());
    let entries: Result<Vec<_>, Fatal> = records.iter().enumerate().map(message).collect();
    let request = match entries {
        Ok(entries) => queue.client.send_message_batch().queue_url(&queue.url).set_entries(Some(entries)),
        Err(error) => {
            tracing::error!(error = %error, "events that cannot be written");
            return all().collect();
        }
    };
    match request.send().await {
        Ok(answer) => {
            let failed = |index: &usize| {
                let id = index.to_string();
                answer.failed.iter().any(|failure| failure.id == id)
            };
            let places = (0..records.len()).filter(failed);
            places.map(|index| records[index].sequence_number.clone()).collect()
        }
        Err(error) => {
            let error = aws_sdk_sqs::error::DisplayErrorContext(&error);
            tracing::error!(error = %error, "events were not sent");
            all().collect()
        }
    }
}

fn message((index, record): (usize, &Record)) -> Result<SendMessageBatchRequestEntry, Fatal> {
    let event = TicketEvent::of(&record.entry);
    Ok(SendMessageBatchRequestEntry::builder()
        .id(index.to_string())
        .message_body(event.to_json()?)
        .message_group_id(event.data.ticket.to_string())
        .message_deduplication_id(event.id.to_string())
        .build()?)
}
