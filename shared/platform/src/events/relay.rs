//! From the table's stream to the queue.
//!
//! The stream has a record for every log entry that was committed, and nothing else is published. Records of one transaction may
//! arrive in any order, so a batch is put in order by ticket and `seq` before it is sent. Lambda goes on behind the lowest record
//! that is reported as failed, so every record that was not sent is reported, whatever the reason: what is then sent a second
//! time is told apart by its event id. After an entry that could not be sent, later entries of its ticket wait.

use std::collections::HashSet;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::event::TicketEvent;
use domain::id::TicketNumber;
use domain::log::LogEntry;

use crate::aws::{self, Service};
use crate::clock::Deadline;
use crate::telemetry::causes;
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
    /// That queue, reached through that client.
    #[must_use]
    pub const fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// The queue that the environment names, with a connection to it already open.
    ///
    /// # Errors
    /// The variables that are missing, or TLS that cannot be set up.
    pub async fn open() -> Result<Self, Fatal> {
        let [url] = config::required([config::name::EVENTS_QUEUE_URL])?;
        let client = Client::new(&aws::config(Service::Sqs)?);
        aws::warm(Service::Sqs).await?;
        Ok(Self::new(client, url))
    }
}

/// A record of the stream: its place there, and the entry it holds.
struct Record {
    sequence_number: String,
    entry: LogEntry,
}

/// Sends the events of a batch of stream records until the deadline, and reports the records that were not sent.
pub async fn relay(queue: &EventQueue, batch: Event, deadline: Deadline) -> DynamoDbEventResponse {
    let mut unsent: Vec<String> = Vec::new();
    let mut records = Vec::new();
    for record in batch.records {
        let sequence_number = record.change.sequence_number.clone().unwrap_or_default();
        match read(record) {
            Ok(entry) => records.push(Record { sequence_number, entry }),
            Err(error) => {
                tracing::error!(sequence_number, error = %error, "unreadable stream record");
                unsent.push(sequence_number);
            }
        }
    }
    records.sort_by_key(|record| (record.entry.ticket, record.entry.seq));
    let mut waiting: HashSet<TicketNumber> = HashSet::new();
    let mut rest = records.into_iter().peekable();
    while rest.peek().is_some() {
        let (held, chunk): (Vec<Record>, Vec<Record>) =
            rest.by_ref().take(MESSAGES_PER_CALL).partition(|record| waiting.contains(&record.entry.ticket));
        let failed = match tokio::time::timeout(deadline.remaining(), send(queue, &chunk)).await {
            Ok(failed) => failed,
            Err(_elapsed) => (0..chunk.len()).collect(),
        };
        let failed = failed.into_iter().filter_map(|place| chunk.get(place));
        for record in held.iter().chain(failed) {
            waiting.insert(record.entry.ticket);
            unsent.push(record.sequence_number.clone());
        }
    }
    let mut response = DynamoDbEventResponse::default();
    response.batch_item_failures = unsent.into_iter().map(failure).collect();
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

/// Sends up to ten events in order. Gives back the places of those that were not sent.
async fn send(queue: &EventQueue, records: &[Record]) -> Vec<usize> {
    if records.is_empty() {
        return Vec::new();
    }
    let all = || (0..records.len()).collect();
    let entries: Result<Vec<_>, Fatal> = records.iter().enumerate().map(message).collect();
    let entries = match entries {
        Ok(entries) => entries,
        Err(error) => {
            tracing::error!(error = %error, "events that cannot be written");
            return all();
        }
    };
    let request = queue.client.send_message_batch().queue_url(&queue.url).set_entries(Some(entries));
    match request.send().await {
        Ok(answer) => answer.failed.iter().filter_map(|failure| failure.id.parse().ok()).collect(),
        Err(error) => {
            tracing::error!(error = causes(&error), "events were not sent");
            all()
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
