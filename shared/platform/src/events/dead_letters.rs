//! Putting dead letters back where they came from, once what kept them from being handled is mended.

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use serde::{Deserialize, Serialize};

use super::relay::{Unreadable, message_of};
use crate::Fatal;
use crate::clock::Deadline;
use crate::config::name;
use crate::queue::{Outgoing, Queue, SendError};
use crate::store::{Store, StoreError};
use crate::telemetry::causes;

/// Dead letters taken together (SQS developer guide, `ReceiveMessage`).
const LETTERS_PER_CALL: i32 = 10;
/// For how long a letter that is taken is kept from others, in seconds: longer than a call may take.
const VISIBILITY_SECONDS: i32 = 60;

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
    /// Items of the table's stream that could not be read.
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
    /// Letters that stay, because they still cannot be read, or because time ran out: ask again.
    pub kept: usize,
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
    pub async fn open() -> Result<Self, Fatal> {
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
            Queue::open(names).await?;
        Ok(Self {
            store: Store::open().await?,
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
        let Unreadable { key, .. } = serde_json::from_value(value)?;
        let event = self.store.committed_at(key).await?.ok_or_else(|| Kept::NoItem(body.to_owned()))?;
        let queue = match event {
            domain::event::Event::Account(_) => &self.accounts[1],
            domain::event::Event::Ticket(_) | domain::event::Event::Note(_) => &self.events[1],
        };
        Ok((queue, message_of(&event)?))
    }
}

/// The letter as a message of the queue it comes from. Its deduplication id is new, because the queue would drop one that it saw within five minutes;
/// the letter's own id makes it the same for one letter, should that be put back twice.
fn again(letter: &Message) -> Outgoing {
    let attribute = |name| letter.attributes().and_then(|attributes| attributes.get(&name)).cloned();
    let group = attribute(MessageSystemAttributeName::MessageGroupId);
    let id = letter.message_id().unwrap_or_default();
    let deduplication_id = group.as_ref().map(|_| format!("redriven-{id}"));
    Outgoing { body: letter.body().unwrap_or_default().to_owned(), group, deduplication_id, ..Outgoing::default() }
}

/// Puts dead letters back, in their order, until there are none or the deadline comes.
///
/// # Errors
/// SQS does not answer. What was put back before stays so.
pub async fn redrive(letters: &DeadLetters, whose: DeadLettersOf, deadline: Deadline) -> Result<Redriven, Fatal> {
    let mut done = Redriven::default();
    let source = letters.of(whose);
    while !deadline.remaining().is_zero() {
        let request =
            source.client().receive_message().queue_url(source.url()).max_number_of_messages(LETTERS_PER_CALL);
        let request = request.message_system_attribute_names(MessageSystemAttributeName::All);
        let request = request.visibility_timeout(VISIBILITY_SECONDS);
        let received = request.send().await.map_err(|error| causes(&error))?.messages.unwrap_or_default();
        if received.is_empty() {
            return Ok(done);
        }
        for letter in received {
            match letters.put_back(whose, &letter).await {
                Ok(()) => {
                    let receipt = letter.receipt_handle().unwrap_or_default();
                    let request = source.client().delete_message().queue_url(source.url()).receipt_handle(receipt);
                    request.send().await.map_err(|error| causes(&error))?;
                    done.moved += 1;
                }
                Err(kept) => {
                    tracing::warn!(reason = %kept, "dead letter kept");
                    done.kept += 1;
                    if done.reasons.len() < REASONS_MAX {
                        done.reasons.push(kept.to_string());
                    }
                }
            }
        }
    }
    Ok(done)
}
