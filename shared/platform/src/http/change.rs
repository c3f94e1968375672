//! Changing a ticket: read it, let the domain decide, commit, and begin again if somebody else was faster.

use std::time::Duration;

use domain::field::Violations;
use domain::id::TicketNumber;
use domain::log::LogEntry;
use domain::ticket::{Change, CommandRequest, Head, Outcome, Refusal, Ticket};
use domain::user::Person;
use serde_json::Value;

use super::{Problem, Reply, Request};
use crate::auth::AccessTokens;
use crate::clock;
use crate::store::{CommitError, Store};

/// How often a change is decided anew because the ticket changed meanwhile.
const ATTEMPTS_MAX: u32 = 8;
/// The longest wait before the second attempt, in milliseconds; it doubles from one to the next.
const BACKOFF_MILLISECONDS: u64 = 10;

/// The ticket after `decide` changed it, and the change if there was one. `decide` is asked again, with the ticket as it then is,
/// for as long as others change the ticket in between.
///
/// # Errors
/// What `decide` refuses with; [`Problem::NotFound`]; [`Problem::Conflict`] if others never let it through.
pub async fn change_ticket(
    store: &Store,
    number: TicketNumber,
    actor: &Person,
    decide: impl Fn(Ticket) -> Result<Outcome, Refusal>,
) -> Result<Changed, Problem> {
    for attempt in 0..ATTEMPTS_MAX {
        if attempt > 0 {
            tokio::time::sleep(backoff(attempt)).await;
        }
        let ticket = store.ticket(number).await?.ok_or(Problem::NotFound)?;
        let change = match decide(ticket.seen_by(actor)?)? {
            Outcome::Unchanged(ticket) => return Ok(Changed::nothing(*ticket)),
            Outcome::Changed(change) => *change,
        };
        match store.commit(&change).await {
            Ok(()) => return Ok(Changed::by(change)),
            Err(CommitError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(CommitError::Conflict.into())
}

/// Gives the ticket that the request's path names the command that its body holds, as `read` reads it.
///
/// # Errors
/// As [`change_ticket`], and what the request itself is refused with.
pub async fn command(
    store: &Store,
    tokens: &AccessTokens,
    request: &Request,
    read: impl FnOnce(Value) -> Result<CommandRequest, Violations>,
) -> Result<Reply, Problem> {
    let actor = request.actor(tokens)?;
    let number = request.ticket_number()?;
    let command = read(request.json_or_empty()?)?;
    let changed = change_ticket(store, number, &actor, |ticket| {
        let change = ticket.execute(command.clone(), &actor, clock::stamp())?;
        Ok(Outcome::Changed(Box::new(change)))
    })
    .await?;
    Reply::ticket(changed.ticket, &actor)
}

/// A ticket after it was, or was not, changed.
#[derive(Debug)]
pub struct Changed {
    /// The ticket as it is now.
    pub ticket: Ticket,
    /// What was added to its log; nothing if there was nothing to change.
    pub entries: Vec<LogEntry>,
}

impl Changed {
    fn by(change: Change) -> Self {
        Self { ticket: change.ticket, entries: change.entries }
    }

    const fn nothing(ticket: Ticket) -> Self {
        Self { ticket, entries: Vec::new() }
    }
}

/// The wait before an attempt that is not the first: of random length, so that those who collided do not collide again.
fn backoff(attempt: u32) -> Duration {
    let longest = BACKOFF_MILLISECONDS << (attempt - 1);
    Duration::from_millis(u64::from_le_bytes(clock::random()) % longest + 1)
}

/// The head of a ticket that this person may know of.
///
/// # Errors
/// [`Problem::NotFound`] if there is none, or they may not.
pub async fn visible_head(store: &Store, number: TicketNumber, actor: &Person) -> Result<Head, Problem> {
    let head = store.head(number).await?.ok_or(Problem::NotFound)?;
    head.check_seen_by(actor)?;
    Ok(head)
}
