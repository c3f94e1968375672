//! The relay from the table's stream to the queues.
//!
//! The stream has a record for every log entry, note and account event that was committed, and
//! nothing else is published. Records of one transaction may arrive in any order. A batch is
//! therefore sorted before it is sent, by ticket and `seq` and by account and time. Lambda resumes
//! at the lowest record that is reported as failed. Every record that was not sent is therefore
//! reported, whatever the reason. Receivers recognise a duplicate by its event id. After an event
//! that could not be sent, later events of its ticket or account wait.
//!
//! A record that cannot be read, or whose event the queue refuses because of its content, would
//! block all others as long as it is in the stream. It goes to the relay's dead letters instead, as
//! the key of its item. [`desk::redrive`] finds the item by this key once the fault is fixed. Later
//! events of its ticket go on, because no notification depends on those before it.

use std::collections::HashSet;

use aws_lambda_events::event::dynamodb::{Event as Batch, EventRecord};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use desk::publish::{PutAside, message_of};
use domain::event::Event;
use edges::Fatal;
use edges::clock::Deadline;
use edges::config::{Config, name};
use edges::queue::{MESSAGES_PER_CALL, OutgoingMessage, Queue, Sent};
use edges::store::{ItemKey, event_of_image, trace_of};
use edges::telemetry::{Line, Metric};

/// The longest reason in a dead letter, in characters. An error may contain all of the data that
/// could not be read.
const REASON_CHARACTERS_MAX: usize = 1_000;

/// The queues that the relay sends to.
#[derive(Clone, Debug)]
pub struct EventQueues {
    tickets: Queue,
    accounts: Queue,
    dead_letters: Queue,
}

impl EventQueues {
    /// Creates the value from these queues.
    #[must_use]
    pub const fn new(tickets: Queue, accounts: Queue, dead_letters: Queue) -> Self {
        Self { tickets, accounts, dead_letters }
    }

    /// Opens the queues that the environment names, and begins to connect to SQS.
    ///
    /// # Errors
    /// Fails if variables are missing or TLS cannot be set up.
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        let names = [name::EVENTS_QUEUE_URL, name::ACCOUNTS_QUEUE_URL, name::RELAY_DEAD_LETTERS_URL];
        let [tickets, accounts, dead_letters] = Queue::open(config, names).await?;
        Ok(Self::new(tickets, accounts, dead_letters))
    }
}

/// A record of the stream: its item, its position, and the event it becomes.
struct Record {
    key: ItemKey,
    sequence_number: String,
    /// The position of the event within its group.
    order: (bool, u64),
    message: OutgoingMessage,
}

impl Record {
    fn group(&self) -> &str {
        self.message.group.as_deref().unwrap_or_default()
    }

    /// Builds the dead letter that names the record and the reason.
    fn put_aside(&self, error: &str) -> OutgoingMessage {
        let Self { key, sequence_number, .. } = self;
        tracing::error!(sequence_number, pk = key.pk, sk = key.sk, error, "stream record put aside");
        let error = error.chars().take(REASON_CHARACTERS_MAX).collect();
        let letter = PutAside { key: key.clone(), sequence_number: sequence_number.clone(), error };
        OutgoingMessage { body: serde_json::to_string(&letter).unwrap_or_default(), ..OutgoingMessage::default() }
    }
}

/// Returns the position of an event within its group: log entries by `seq`, then notes, and the
/// events of an account by time.
fn order_of(event: &Event) -> (bool, u64) {
    let by_time = |milliseconds| (true, u64::try_from(milliseconds).unwrap_or(0));
    match event {
        Event::Ticket(event) => (false, event.data.seq),
        Event::Note(event) => by_time(event.at.unix_milliseconds()),
        Event::Account(event) => by_time(event.at.unix_milliseconds()),
    }
}

/// Sends the events of a batch of stream records until the deadline, and reports the records that
/// were not sent.
pub async fn relay(queues: &EventQueues, batch: Batch, deadline: Deadline) -> DynamoDbEventResponse {
    let (mut tickets, mut accounts, mut unreadable) = (Vec::new(), Vec::new(), Vec::new());
    for record in batch.records {
        match read(record) {
            Ok((record, Event::Account(_))) => accounts.push(record),
            Ok((record, Event::Ticket(_) | Event::Note(_))) => tickets.push(record),
            Err(letter) => unreadable.push(*letter),
        }
    }
    for records in [&mut tickets, &mut accounts] {
        records.sort_by(|one, other| (one.group(), one.order).cmp(&(other.group(), other.order)));
    }
    // Sent concurrently, because a queue that does not respond must not use up the time of the
    // others.
    let ((tickets, of_tickets), (accounts, of_accounts), (unreadable, _)) = tokio::join!(
        Box::pin(send_all(&queues.tickets, &queues.dead_letters, tickets, deadline)),
        Box::pin(send_all(&queues.accounts, &queues.dead_letters, accounts, deadline)),
        Box::pin(send_all(&queues.dead_letters, &queues.dead_letters, unreadable, deadline))
    );
    if of_tickets + of_accounts > 0 {
        Line::new("published").metric(Metric::EventsPublished, of_tickets + of_accounts).print();
    }
    let mut response = DynamoDbEventResponse::default();
    response.batch_item_failures = [tickets, accounts, unreadable].into_iter().flatten().map(failure).collect();
    response
}

/// Sends the events of one queue in order. Returns the records that were not sent, and how many
/// were sent. After a record that was not sent, the others of its group wait.
async fn send_all(queue: &Queue, dead_letters: &Queue, records: Vec<Record>, deadline: Deadline) -> (Vec<String>, i64) {
    let (mut unsent, mut sent): (Vec<String>, i64) = (Vec::new(), 0);
    let mut waiting: HashSet<String> = HashSet::new();
    let mut rest = records.into_iter().peekable();
    while rest.peek().is_some() {
        let (held, chunk): (Vec<Record>, Vec<Record>) =
            rest.by_ref().take(MESSAGES_PER_CALL).partition(|record| waiting.contains(record.group()));
        let Sent { unsent: failed, refused } =
            match tokio::time::timeout(deadline.remaining(), send(queue, dead_letters, &chunk)).await {
                Ok(outcome) => outcome,
                Err(_elapsed) => all_unsent(&chunk),
            };
        sent += i64::try_from(chunk.len() - failed.len() - refused.len()).unwrap_or(0);
        let failed = failed.into_iter().filter_map(|place| chunk.get(place));
        for record in held.iter().chain(failed) {
            waiting.extend(record.message.group.clone());
            unsent.push(record.sequence_number.clone());
        }
    }
    (unsent, sent)
}

fn failure(sequence_number: String) -> DynamoDbBatchItemFailure {
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = Some(sequence_number);
    failure
}

/// Reads the record and its event, or builds the dead letter for a record that cannot be read.
fn read(record: EventRecord) -> Result<(Record, Event), Box<Record>> {
    let sequence_number = record.change.sequence_number.clone().unwrap_or_default();
    let key = ItemKey::of(record.change.keys.clone());
    let read = || -> Result<((bool, u64), OutgoingMessage, Event), Fatal> {
        let trace = trace_of(&record.change.new_image);
        let event = event_of_image(record.change.new_image)?;
        Ok((order_of(&event), OutgoingMessage { trace, ..message_of(&event)? }, event))
    };
    let of = |order, message| Record { key, sequence_number, order, message };
    match read() {
        Ok((order, message, event)) => Ok((of(order, message), event)),
        Err(error) => {
            let mut record = of((true, 0), OutgoingMessage::default());
            record.message = record.put_aside(&error.to_string());
            Err(Box::new(record))
        }
    }
}

/// Sends up to ten events in order, and puts aside those that the queue refuses because of their
/// content. Returns the positions of those that were neither sent nor put aside, and of those that
/// were put aside.
async fn send(queue: &Queue, dead_letters: &Queue, records: &[Record]) -> Sent {
    let messages: Vec<OutgoingMessage> = records.iter().map(|record| record.message.clone()).collect();
    let mut sent = queue.send_once(&messages).await.unwrap_or_else(|error| {
        tracing::error!(error = %error, "events were not sent");
        all_unsent(records)
    });
    let (places, letters): (Vec<usize>, Vec<OutgoingMessage>) = sent
        .refused
        .iter()
        .filter_map(|(place, reason)| Some((*place, records.get(*place)?.put_aside(reason))))
        .unzip();
    if let Err(error) = dead_letters.send_all(&letters).await {
        tracing::error!(error = %error, "stream records were not put aside");
        sent.refused.clear();
        sent.unsent.extend(places);
    }
    sent
}

/// Returns the result of sending none of the records.
fn all_unsent(records: &[Record]) -> Sent {
    Sent { unsent: (0..records.len()).collect(), refused: Vec::new() }
}
