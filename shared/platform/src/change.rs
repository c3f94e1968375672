//! Changing a ticket: read it, let the domain decide, commit, and begin again if somebody else was faster.

use domain::id::TicketNumber;
use domain::log::LogEntry;
use domain::ticket::{Change, Outcome, Refusal, Ticket};
use domain::user::Person;

use crate::clock;
use crate::store::{CommitError, Store, StoreError};

/// How often a change is decided anew because the ticket changed meanwhile.
const ATTEMPTS_MAX: u32 = 8;

/// The ticket after `decide` changed it, and the change if there was one. `decide` is asked again, with the ticket as it then is,
/// for as long as others change the ticket in between.
///
/// # Errors
/// [`ChangeError`].
pub async fn change_ticket(
    store: &Store,
    number: TicketNumber,
    actor: &Person,
    decide: impl Fn(Ticket) -> Result<Outcome, Refusal>,
) -> Result<Changed, ChangeError> {
    for attempt in 0..ATTEMPTS_MAX {
        if attempt > 0 {
            tokio::time::sleep(clock::backoff(attempt)).await;
        }
        let ticket = store.ticket(number).await?.ok_or(Refusal::Hidden)?;
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

/// Why a ticket was not changed. Nothing of the change was done.
#[derive(Debug)]
pub enum ChangeError {
    /// There is no such ticket, or the domain refuses.
    Refused(Refusal),
    /// The change was not committed: others never let it through, or the table could not be written.
    NotCommitted(CommitError),
}

impl From<Refusal> for ChangeError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<CommitError> for ChangeError {
    fn from(error: CommitError) -> Self {
        Self::NotCommitted(error)
    }
}

impl From<StoreError> for ChangeError {
    fn from(error: StoreError) -> Self {
        Self::NotCommitted(error.into())
    }
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
