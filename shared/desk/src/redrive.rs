//! Redrives dead letters to the queues they came from, once the cause of the failure is fixed.

use std::collections::HashSet;

use domain::event::Event;
use edges::Fatal;
use edges::clock::{self, Deadline};
use edges::config::{Config, name};
use edges::queue::{OutgoingMessage, Queue, ReceiveError, Received, SendError};
use edges::store::{Store, StoreError};
use serde::{Deserialize, Serialize};

use crate::publish::{PutAside, message_of};

/// The queue whose dead letters are redriven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedriveSource {
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

/// The result of a redrive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Redriven {
    /// The number of letters redriven.
    pub moved: usize,
    /// The number of letters that stay, because they still cannot be redriven, wait behind a letter
    /// of their group that cannot, or are newer than this redrive.
    pub kept: usize,
    /// Whether every earlier letter was checked. If not, redrive again.
    pub complete: bool,
    /// Why the unreadable letters stay, for the first few of them.
    pub reasons: Vec<String>,
}

/// The largest number of reasons reported.
const REASONS_MAX: usize = 5;

/// A queue and its dead-letter queue.
#[derive(Clone, Debug)]
struct Pair {
    queue: Queue,
    dead_letters: Queue,
}

/// The queues and their dead-letter queues.
#[derive(Clone, Debug)]
pub struct DeadLetters {
    store: Store,
    events: Pair,
    accounts: Pair,
    email: Pair,
    webhooks: Pair,
    relay: Queue,
}

/// The reason why a letter stays.
#[derive(Debug, thiserror::Error)]
enum KeptReason {
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
    /// Fails if variables are missing or TLS cannot be set up.
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
            events: Pair { queue: events, dead_letters: dead_events },
            accounts: Pair { queue: accounts, dead_letters: dead_accounts },
            email: Pair { queue: email, dead_letters: dead_email },
            webhooks: Pair { queue: webhooks, dead_letters: dead_webhooks },
            relay,
        })
    }

    /// Redrives dead letters in order, until no earlier ones are left or the deadline passes. A
    /// letter that is put aside again meanwhile stays, because otherwise this would never end.
    ///
    /// # Errors
    /// Fails if SQS does not respond. Letters redriven before that stay redriven.
    pub async fn redrive(&self, whose: RedriveSource, deadline: Deadline) -> Result<Redriven, ReceiveError> {
        let source = self.of(whose);
        let (mut redriven, mut kept, begun) = (Redriven::default(), Vec::new(), clock::now().unix_milliseconds());
        let mut waiting: HashSet<String> = HashSet::new();
        while !deadline.remaining().is_zero() {
            let received = source.receive().await?;
            if received.is_empty() {
                redriven.complete = true;
                break;
            }
            for letter in received {
                let put_back = if letter.group.as_ref().is_some_and(|group| waiting.contains(group)) {
                    Err(KeptReason::Waits)
                } else if letter.sent_at > begun {
                    Err(KeptReason::TooNew)
                } else {
                    self.put_back(whose, &letter).await
                };
                match put_back {
                    Ok(()) => {
                        source.delete(&letter).await?;
                        redriven.moved += 1;
                    }
                    Err(reason) => {
                        redriven.keep(&reason);
                        // Letters without a group do not wait for others.
                        waiting.extend(letter.group.clone());
                        kept.push(letter);
                    }
                }
            }
        }
        for letter in &kept {
            source.show_again(letter).await?;
        }
        Ok(redriven)
    }

    const fn of(&self, whose: RedriveSource) -> &Queue {
        match whose {
            RedriveSource::Events => &self.events.dead_letters,
            RedriveSource::Accounts => &self.accounts.dead_letters,
            RedriveSource::Email => &self.email.dead_letters,
            RedriveSource::Webhooks => &self.webhooks.dead_letters,
            RedriveSource::Relay => &self.relay,
        }
    }

    /// Sends a letter back to the queue that it belongs to.
    async fn put_back(&self, whose: RedriveSource, letter: &Received) -> Result<(), KeptReason> {
        let (queue, message) = match whose {
            RedriveSource::Events => (&self.events.queue, again(letter)),
            RedriveSource::Accounts => (&self.accounts.queue, again(letter)),
            RedriveSource::Email => (&self.email.queue, again(letter)),
            RedriveSource::Webhooks => (&self.webhooks.queue, again(letter)),
            RedriveSource::Relay => self.relayed(letter).await?,
        };
        Ok(queue.send_all(&[message]).await?)
    }

    /// Returns the message that the relay would have sent if it could have read the item, and the
    /// queue for it.
    async fn relayed(&self, letter: &Received) -> Result<(&Queue, OutgoingMessage), KeptReason> {
        let value: serde_json::Value = serde_json::from_str(&letter.body)?;
        if let Some(start) = value.pointer("/DDBStreamBatchInfo/startSequenceNumber") {
            return Err(KeptReason::Position(start.to_string()));
        }
        let PutAside { key, .. } = serde_json::from_value(value)?;
        let found = self.store.event_at(key).await?;
        let (event, trace) = found.ok_or_else(|| KeptReason::NoItem(letter.body.clone()))?;
        let queue = match event {
            Event::Account(_) => &self.accounts.queue,
            Event::Ticket(_) | Event::Note(_) => &self.events.queue,
        };
        Ok((queue, OutgoingMessage { trace, ..message_of(&event)? }))
    }
}

impl Redriven {
    /// Counts a letter that stays.
    fn keep(&mut self, reason: &KeptReason) {
        self.kept += 1;
        if self.reasons.len() < REASONS_MAX {
            self.reasons.push(reason.to_string());
        }
    }
}

/// Converts a letter to a message of the queue it comes from. Its deduplication id is new, because
/// the queue would drop an id that it saw within five minutes. The id is derived from the letter's
/// own, so that it stays equal if one letter is redriven twice.
fn again(letter: &Received) -> OutgoingMessage {
    let deduplication_id = letter.group.as_ref().map(|_| format!("redriven-{}", letter.id));
    OutgoingMessage {
        body: letter.body.clone(),
        group: letter.group.clone(),
        deduplication_id,
        trace: letter.trace.clone(),
        ..OutgoingMessage::default()
    }
}
