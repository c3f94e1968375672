//! Putting dead letters back where they came from, once what kept them from being handled is mended.

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

/// Dead letters taken together (SQS developer guide, `ReceiveMessage`).
const LETTERS_PER_CALL: i32 = 10;
/// For how long a letter that is taken is kept from others, in seconds: longer than a call may take.
const VISIBILITY_SECONDS: i32 = 120;
/// How long SQS waits for letters, in seconds: less than its client waits for SQS.
const WAIT_SECONDS: i32 = 1;

/// Whose dead letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadLettersOf {
    /// Events of tickets that could not be told.
    Events,
    /// Events of accounts that could not be dealt with.
    Accounts,
    /// Mails that could not be sent.
    Email,
    /// Deliveries that could not be seen to.
    Webhooks,
    /// Items of the table's stream that could not be read, or whose events could not be sent.
    Relay,
}

/// What is asked.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedriveRequest {
    /// Whose dead letters are put back.
    pub queue: DeadLettersOf,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Redriven {
    /// Letters put back.
    pub moved: usize,
    /// Letters that stay, because they still cannot be put back, wait behind one of their group that cannot, or are newer than this.
    pub kept: usize,
    /// Whether every letter of before was looked at; if not, ask again.
    pub complete: bool,
    /// Why those stay that cannot be read, the first few.
    pub reasons: Vec<String>,
}

/// Reasons told at most.
const REASONS_MAX: usize = 5;

/// The queues and their dead letters.
#[derive(Clone, Debug)]
pub struct DeadLetters {
    store: Store,
    events: [Queue; 2],
    accounts: [Queue; 2],
    email: [Queue; 2],
    webhooks: [Queue; 2],
    relay: Queue,
}

/// Why a letter stays.
#[derive(Debug, thiserror::Error)]
enum Kept {
    #[error(
        "a position in the table's stream, from {0}: the relay was stopped for hours; its items are in the table, and the stream has them for a day"
    )]
    Position(String),
    #[error("one before it, of the same group, could not be put back")]
    Waits,
    #[error("it became a dead letter after this began: see why, and ask again once that is mended")]
    TooNew,
    #[error("there is no such item any more: {0}")]
    NoItem(String),
    #[error(transparent)]
    Malformed(#[from] serde_json::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Send(#[from] SendError),
}

impl DeadLetters {
    /// The queues that the environment names, with connections already open.
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

    /// Where a letter belongs, and what is sent there.
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

    /// What the relay would have sent, had it been able to read the item.
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

/// The letter as a message of the queue it comes from. Its deduplication id is new, because the queue would drop one that it saw within five minutes;
/// the letter's own id makes it the same for one letter, should that be put back twice.
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

/// When it became a dead letter, in milliseconds since 1970: what a worker put aside is as old as that.
fn sent_at(letter: &Message) -> i64 {
    let sent = letter.attributes().and_then(|attributes| attributes.get(&MessageSystemAttributeName::SentTimestamp));
    sent.and_then(|sent| sent.parse().ok()).unwrap_or(0)
}

/// Puts dead letters back, in their order, until there are none of before or the deadline comes. One that is put aside again meanwhile
/// stays, or this would go round in circles.
///
/// # Errors
/// SQS does not answer. What was put back before stays so.
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
                    // Letters without a group wait for nobody.
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

/// Up to ten letters, kept from others for a while. Waits a moment for them: without, SQS asks only some of its servers.
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

/// Ends the time for which a letter is kept from others.
async fn show_again(source: &Queue, letter: &Message) -> Result<(), Fatal> {
    let receipt = letter.receipt_handle().unwrap_or_default();
    let request = source.client().change_message_visibility().queue_url(source.url()).receipt_handle(receipt);
    Ok(request.visibility_timeout(0).send().await.map(drop).map_err(|error| causes(&error))?)
}
