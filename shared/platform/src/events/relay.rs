//! From the table's stream to the queues.
//!
//! The stream has a record for every log entry and account event that was committed, and nothing else is published. Records of one transaction may
//! arrive in any order, so a batch is put in order, by ticket and `seq` and by account and time, before it is sent. Lambda goes on behind the lowest record
//! that is reported as failed, so every record that was not sent is reported, whatever the reason: what is then sent a second
//! time is told apart by its event id. After an event that could not be sent, later events of its ticket or account wait.

use std::collections::HashSet;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::event::{AccountEvent, TicketEvent};
use domain::id::EventId;
use domain::log::LogEntry;

use crate::aws::{self, Service};
use crate::clock::Deadline;
use crate::store::{Committed, committed};
use crate::telemetry::causes;
use crate::{Fatal, config};

/// Messages one call may send (SQS developer guide, "Quotas related to messages").
const MESSAGES_PER_CALL: usize = 10;

/// The queues that events travel on.
#[derive(Debug)]
pub struct EventQueues {
    client: Client,
    tickets_url: String,
    accounts_url: String,
}

impl EventQueues {
    /// Those queues, reached through that client.
    #[must_use]
    pub const fn new(client: Client, tickets_url: String, accounts_url: String) -> Self {
        Self { client, tickets_url, accounts_url }
    }

    /// The queues that the environment names, with a connection to SQS already open.
    ///
    /// # Errors
    /// The variables that are missing, or TLS that cannot be set up.
    pub async fn open() -> Result<Self, Fatal> {
        let [tickets_url, accounts_url] =
            config::required([config::name::EVENTS_QUEUE_URL, config::name::ACCOUNTS_QUEUE_URL])?;
        let client = Client::new(&aws::config(Service::Sqs)?);
        aws::warm(Service::Sqs).await?;
        Ok(Self::new(client, tickets_url, accounts_url))
    }

    fn url(&self, topic: Topic) -> &str {
        match topic {
            Topic::Tickets => &self.tickets_url,
            Topic::Accounts => &self.accounts_url,
        }
    }
}

/// What an event is about: each has a queue of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Topic {
    Tickets,
    Accounts,
}

/// A record of the stream: its place there, and the event it becomes.
struct Record {
    sequence_number: String,
    topic: Topic,
    /// Events of one group stay in their order.
    group: String,
    /// The place in the group.
    order: u64,
    id: EventId,
    body: String,
}

impl Record {
    fn of_ticket(sequence_number: String, entry: &LogEntry) -> Result<Self, Fatal> {
        let event = TicketEvent::of(entry);
        Ok(Self {
            sequence_number,
            topic: Topic::Tickets,
            group: event.data.ticket.to_string(),
            order: event.data.seq,
            id: event.id,
            body: event.to_json()?,
        })
    }

    fn of_account(sequence_number: String, event: &AccountEvent) -> Result<Self, Fatal> {
        Ok(Self {
            sequence_number,
            topic: Topic::Accounts,
            group: event.subject(),
            order: u64::try_from(event.at.unix_milliseconds()).unwrap_or(0),
            id: event.id,
            body: event.to_json()?,
        })
    }
}

/// Sends the events of a batch of stream records until the deadline, and reports the records that were not sent.
pub async fn relay(queues: &EventQueues, batch: Event, deadline: Deadline) -> DynamoDbEventResponse {
    let mut unsent: Vec<String> = Vec::new();
    let mut records = Vec::new();
    for record in batch.records {
        let sequence_number = record.change.sequence_number.clone().unwrap_or_default();
        match read(sequence_number.clone(), record) {
            Ok(record) => records.push(record),
            Err(error) => {
                tracing::error!(sequence_number, error = %error, "unreadable stream record");
                unsent.push(sequence_number);
            }
        }
    }
    records.sort_by(|one, other| (&one.group, one.order).cmp(&(&other.group, other.order)));
    let (tickets, accounts): (Vec<Record>, Vec<Record>) =
        records.into_iter().partition(|record| record.topic == Topic::Tickets);
    // Side by side: a queue that does not answer must not use up the other's time.
    let (tickets, accounts) = tokio::join!(
        send_all(queues, Topic::Tickets, tickets, deadline),
        send_all(queues, Topic::Accounts, accounts, deadline)
    );
    unsent.extend(tickets.into_iter().chain(accounts));
    let mut response = DynamoDbEventResponse::default();
    response.batch_item_failures = unsent.into_iter().map(failure).collect();
    response
}

/// Sends the events of one queue in order, and gives back the records that were not sent: after one that was not, those of its
/// group wait.
async fn send_all(queues: &EventQueues, topic: Topic, records: Vec<Record>, deadline: Deadline) -> Vec<String> {
    let mut unsent: Vec<String> = Vec::new();
    let mut waiting: HashSet<String> = HashSet::new();
    let mut rest = records.into_iter().peekable();
    while rest.peek().is_some() {
        let (held, chunk): (Vec<Record>, Vec<Record>) =
            rest.by_ref().take(MESSAGES_PER_CALL).partition(|record| waiting.contains(&record.group));
        let failed = match tokio::time::timeout(deadline.remaining(), send(queues, topic, &chunk)).await {
            Ok(failed) => failed,
            Err(_elapsed) => (0..chunk.len()).collect(),
        };
        let failed = failed.into_iter().filter_map(|place| chunk.get(place));
        for record in held.iter().chain(failed) {
            waiting.insert(record.group.clone());
            unsent.push(record.sequence_number.clone());
        }
    }
    unsent
}

fn failure(sequence_number: String) -> DynamoDbBatchItemFailure {
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = Some(sequence_number);
    failure
}

fn read(sequence_number: String, record: EventRecord) -> Result<Record, Fatal> {
    match committed(record.change.new_image)? {
        Committed::LogEntry(entry) => Record::of_ticket(sequence_number, &entry),
        Committed::AccountEvent(event) => Record::of_account(sequence_number, &event),
    }
}

/// Sends up to ten events in order. Gives back the places of those that were not sent.
async fn send(queues: &EventQueues, topic: Topic, records: &[Record]) -> Vec<usize> {
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
    let request = queues.client.send_message_batch().queue_url(queues.url(topic)).set_entries(Some(entries));
    match request.send().await {
        Ok(answer) => answer.failed.iter().filter_map(|failure| failure.id.parse().ok()).collect(),
        Err(error) => {
            tracing::error!(error = causes(&error), "events were not sent");
            all()
        }
    }
}

fn message((index, record): (usize, &Record)) -> Result<SendMessageBatchRequestEntry, Fatal> {
    Ok(SendMessageBatchRequestEntry::builder()
        .id(index.to_string())
        .message_body(&record.body)
        .message_group_id(&record.group)
        .message_deduplication_id(record.id.to_string())
        .build()?)
}
