//! Redrives dead letters to the queues they came from, once the cause of the failure is fixed.

use std::collections::HashSet;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use edges::Fatal;
use edges::clock::{self, Deadline};
use edges::config::{Config, name};
use edges::queue::{Outgoing, Queue, SendError, TRACE_ATTRIBUTE};
use edges::store::{Store, StoreError};
use edges::telemetry::{Trace, causes};
use serde::{Deserialize, Serialize};

use super::relay::{PutAside, message_of};

/// The number of dead letters received together (SQS developer guide, `ReceiveMessage`).
const LETTERS_PER_CALL: i32 = 10;
/// The visibility timeout of a received letter, in seconds. It is longer than a call may take.
const VISIBILITY_SECONDS: i32 = 120;
/// How long SQS waits for letters, in seconds. It is less than the client waits for SQS.
const WAIT_SECONDS: i32 = 1;

/// The queue whose dead letters are redriven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadLettersOf {
    /// Ticket events whose recipients could not be notified.
    Events,
    /// Account events that could not be handled.
    Accounts,
    /// Mails that could not be sent.
    Email,
    /// Webhook deliveries that could not be handled.
    Webhooks,
    /// Items of the table's stream that could not be read, or whose events could not be sent.
    Relay,
}

/// The request to redrive dead letters.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedriveRequest {
    /// The queue whose dead letters are redriven.
    pub queue: DeadLettersOf,
}

/// The result of a redrive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Redriven {
    /// The number of letters redriven.
    pub moved: usize,
    /// The number of letters that stay, because they still cannot be redriven, wait behind a letter
    /// of their group that cannot, or are newer than this redrive.
    pub kept: usize,
    /// Whether every earlier letter was looked at. If not, ask again.
    pub complete: bool,
    /// Why the unreadable letters stay, for the first few of them.
    pub reasons: Vec<String>,
}

/// The largest number of reasons reported.
const REASONS_MAX: usize = 5;

/// The queues and their dead-letter queues.
#[derive(Clone, Debug)]
pub struct DeadLetters {
    store: Store,
    events: [Queue; 2],
    accounts: [Queue; 2],
    email: [Queue; 2],
    webhooks: [Queue; 2],
    relay: Queue,
}

/// The reason why a letter stays.
#[derive(Debug, thiserror::Error)]
enum Kept {
    #[error(
        "a position in the table's stream, from {0}: the relay was stopped for hours; its items are in the table, and the stream keeps them for a day"
    )]
    Position(String),
    #[error("an earlier message of the same group could not be put back")]
    Waits,
    #[error("it became a dead letter after this run began: fix the cause, then run this again")]
    TooNew,
    #[error("the item no longer exists: {0}")]
    NoItem(String),
    #[error(transparent)]
    Malformed(#[from] serde_json::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Send(#[from] SendError),
}

impl DeadLetters {
    /// Opens the queues that the environment names, with connections already open.
    ///
    /// # Errors
    /// The variables that are missing, or TLS that cannot be set up.
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        let names = [
            name::EVENTS_QUEUE_URL,
            name::EVENTS_DEAD_LETTERS_URL,
            name::ACCOUNTS_QUEUE_URL,
            name::ACCOUNTS_DEAD_LETTERS_URL,
            name::EMAIL_QUEUE_URL,
            name::EMAIL_DEAD_LETTERS_URL,
            name::WEBHOOKS_QUEUE_URL,
            name::WEBHOOKS_DEAD_LETTERS_URL,
            name::RELAY_DEAD_LETTERS_URL,
        ];
        let [events, dead_events, accounts, dead_accounts, email, dead_email, webhooks, dead_webhooks, relay] =
            Queue::open(config, names).await?;
        Ok(Self {
            store: Store::open(config).await?,
            events: [dead_events, events],
            accounts: [dead_accounts, accounts],
            email: [dead_email, email],
            webhooks: [dead_webhooks, webhooks],
            relay,
        })
    }

    fn of(&self, whose: DeadLettersOf) -> &Queue {
        match whose {
            DeadLettersOf::Events => &self.events[0],
            DeadLettersOf::Accounts => &self.accounts[0],
            DeadLettersOf::Email => &self.email[0],
            DeadLettersOf::Webhooks => &self.webhooks[0],
            DeadLettersOf::Relay => &self.relay,
        }
    }

    /// Sends a letter back to the queue that it belongs to.
    async fn put_back(&self, whose: DeadLettersOf, letter: &Message) -> Result<(), Kept> {
        let (queue, message) = match whose {
            DeadLettersOf::Events => (&self.events[1], again(letter)),
            DeadLettersOf::Accounts => (&self.accounts[1], again(letter)),
            DeadLettersOf::Email => (&self.email[1], again(letter)),
            DeadLettersOf::Webhooks => (&self.webhooks[1], again(letter)),
            DeadLettersOf::Relay => self.relayed(letter).await?,
        };
        Ok(queue.send_all(&[message]).await?)
    }

    /// Returns what the relay would have sent, had it been able to read the item.
    async fn relayed(&self, letter: &Message) -> Result<(&Queue, Outgoing), Kept> {
        let body = letter.body().unwrap_or_default();
        let value: serde_json::Value = serde_json::from_str(body)?;
        if let Some(start) = value.pointer("/DDBStreamBatchInfo/startSequenceNumber") {
            return Err(Kept::Position(start.to_string()));
        }
        let PutAside { key, .. } = serde_json::from_value(value)?;
        let found = self.store.committed_at(key).await?;
        let (event, trace) = found.ok_or_else(|| Kept::NoItem(body.to_owned()))?;
        let queue = match event {
            domain::event::Event::Account(_) => &self.accounts[1],
            domain::event::Event::Ticket(_) | domain::event::Event::Note(_) => &self.events[1],
        };
        Ok((queue, Outgoing { trace, ..message_of(&event)? }))
    }
}

fn group_of(letter: &Message) -> Option<String> {
    letter.attributes()?.get(&MessageSystemAttributeName::MessageGroupId).cloned()
}

/// Converts a letter to a message of the queue it comes from. Its deduplication id is new, because
/// the queue would drop an id that it saw within five minutes. The id is derived from the letter's
/// own, so that it stays equal if one letter is redriven twice.
fn again(letter: &Message) -> Outgoing {
    let group = group_of(letter);
    let id = letter.message_id().unwrap_or_default();
    let deduplication_id = group.as_ref().map(|_| format!("redriven-{id}"));
    let trace = letter.message_attributes().and_then(|attributes| attributes.get(TRACE_ATTRIBUTE)?.string_value());
    let trace = trace.and_then(Trace::parse);
    Outgoing {
        body: letter.body().unwrap_or_default().to_owned(),
        group,
        deduplication_id,
        trace,
        ..Outgoing::default()
    }
}

/// Returns when the message became a dead letter, in milliseconds since 1970. For a message that a
/// worker put aside, this is when it was put aside.
fn sent_at(letter: &Message) -> i64 {
    let sent = letter.attributes().and_then(|attributes| attributes.get(&MessageSystemAttributeName::SentTimestamp));
    sent.and_then(|sent| sent.parse().ok()).unwrap_or(0)
}

/// Redrives dead letters in order, until no earlier ones are left or the deadline comes. A letter
/// that is put aside again meanwhile stays, because otherwise this would never end.
///
/// # Errors
/// SQS does not answer. Letters redriven before that stay redriven.
pub async fn redrive(letters: &DeadLetters, whose: DeadLettersOf, deadline: Deadline) -> Result<Redriven, Fatal> {
    let source = letters.of(whose);
    let (mut done, mut kept, begun) = (Redriven::default(), Vec::new(), clock::now().unix_milliseconds());
    let mut waiting: HashSet<String> = HashSet::new();
    while !deadline.remaining().is_zero() {
        let received = take(source).await?;
        if received.is_empty() {
            done.complete = true;
            break;
        }
        for letter in received {
            let group = group_of(&letter).unwrap_or_default();
            let put_back = if waiting.contains(&group) {
                Err(Kept::Waits)
            } else if sent_at(&letter) > begun {
                Err(Kept::TooNew)
            } else {
                letters.put_back(whose, &letter).await
            };
            match put_back {
                Ok(()) => {
                    delete(source, &letter).await?;
                    done.moved += 1;
                }
                Err(reason) => {
                    done.kept += 1;
                    // Letters without a group wait for no other.
                    waiting.extend(Some(group).filter(|group| !group.is_empty()));
                    if done.reasons.len() < REASONS_MAX {
                        done.reasons.push(reason.to_string());
                    }
                    kept.push(letter);
                }
            }
        }
    }
    for letter in &kept {
        show_again(source, letter).await?;
    }
    Ok(done)
}

/// Receives up to ten letters and hides them for a while. Waits a moment for them, because
/// otherwise SQS asks only some of its servers.
async fn take(source: &Queue) -> Result<Vec<Message>, Fatal> {
    let request = source.client().receive_message().queue_url(source.url()).max_number_of_messages(LETTERS_PER_CALL);
    let request = request.message_system_attribute_names(MessageSystemAttributeName::All);
    let request = request.message_attribute_names(TRACE_ATTRIBUTE);
    let request = request.visibility_timeout(VISIBILITY_SECONDS).wait_time_seconds(WAIT_SECONDS);
    Ok(request.send().await.map_err(|error| causes(&error))?.messages.unwrap_or_default())
}

async fn delete(source: &Queue, letter: &Message) -> Result<(), Fatal> {
    let receipt = letter.receipt_handle().unwrap_or_default();
    let request = source.client().delete_message().queue_url(source.url()).receipt_handle(receipt);
    Ok(request.send().await.map(drop).map_err(|error| causes(&error))?)
}

/// Ends the visibility timeout of a letter.
async fn show_again(source: &Queue, letter: &Message) -> Result<(), Fatal> {
    let receipt = letter.receipt_handle().unwrap_or_default();
    let request = source.client().change_message_visibility().queue_url(source.url()).receipt_handle(receipt);
    Ok(request.visibility_timeout(0).send().await.map(drop).map_err(|error| causes(&error))?)
}
