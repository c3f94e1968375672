//! Changing a ticket: read it, let the domain decide, commit, and begin again if somebody else was faster.

use domain::id::TicketNumber;
use domain::log::LogEntry;
use domain::ticket::{Change, Outcome, Refusal, Ticket};
use domain::user::Person;
use edges::store::{Answer, CommitError, ReplayError, ReplayKey, Store, StoreError};
use edges::{Fatal, clock};

/// How often a change is decided anew because the ticket changed meanwhile.
const ATTEMPTS_MAX: u32 = 8;

/// On what terms a ticket is to be changed.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// The versions it may have, if it may not have any.
    pub versions: Option<Vec<u64>>,
    /// The key under which the answer is kept.
    pub key: Option<ReplayKey>,
}

impl Terms {
    /// The answer that the same request got before, if it came before.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub async fn replay(&self, store: &Store) -> Result<Option<Answer>, ReplayError> {
        match &self.key {
            Some(key) => store.replay(key).await,
            None => Ok(None),
        }
    }

    /// What is kept with a change, if there is a key to keep it under.
    #[must_use]
    pub fn keeping<'a>(&'a self, answer: &'a Answer) -> Option<(&'a ReplayKey, &'a Answer)> {
        self.key.as_ref().map(|key| (key, answer))
    }

    /// Checks that the ticket is of a version asked for.
    ///
    /// # Errors
    /// [`ChangeError::Stale`].
    pub fn check_version(&self, version: u64) -> Result<(), ChangeError> {
        let fits = self.versions.as_ref().is_none_or(|versions| versions.contains(&version));
        if fits { Ok(()) } else { Err(ChangeError::Stale(version)) }
    }
}

/// What came of asking for a change.
#[derive(Debug)]
pub enum Done {
    /// It was made, or there was nothing to change.
    Now(Box<Changed>),
    /// It was made before, under the same key: the answer it got then.
    Before(Answer),
}

/// Changes a ticket as `decide` says, which is asked again, with the ticket as it then is, for as long as others change the ticket
/// in between. `answer` is what is kept under the key, if one was sent.
///
/// # Errors
/// [`ChangeError`].
pub async fn change_ticket(
    store: &Store,
    number: TicketNumber,
    actor: &Person,
    terms: &Terms,
    decide: impl Fn(Ticket) -> Result<Outcome, Refusal>,
    answer: impl Fn(&Changed) -> Result<Answer, Fatal>,
) -> Result<Done, ChangeError> {
    let mut assignee_left = false;
    for attempt in 0..ATTEMPTS_MAX {
        clock::pause_before(attempt).await;
        let mut ticket = store.ticket(number).await?.ok_or(Refusal::Hidden)?.seen_by(actor)?;
        // Only now: an answer that was kept shows nobody what they may not see any more.
        if let Some(answer) = terms.replay(store).await? {
            return Ok(Done::Before(answer));
        }
        ticket.assignee_left = assignee_left;
        let decided = terms.check_version(ticket.head.seq).and_then(|()| Ok(decide(ticket)?));
        let (changed, change) = match decided {
            Ok(Outcome::Unchanged(ticket)) => (Changed::nothing(*ticket), None),
            Ok(Outcome::Changed(change)) => (Changed::by(&change), Some(change)),
            // What stands in the way may be this very change, made by the same request a moment ago.
            Err(refusal) => return terms.replay(store).await?.map(Done::Before).ok_or(refusal),
        };
        let answer = terms.key.as_ref().map(|_| answer(&changed)).transpose().map_err(ChangeError::Unanswerable)?;
        match commit(store, change.as_deref(), terms.key.as_ref().zip(answer.as_ref())).await {
            Ok(()) => return Ok(Done::Now(Box::new(changed))),
            Err(CommitError::Conflict | CommitError::Replayed) => {}
            Err(CommitError::NotATechnician) if change.is_some_and(|change| change.reopens()) => assignee_left = true,
            Err(error) => return Err(error.into()),
        }
    }
    Err(CommitError::Conflict.into())
}

async fn commit(
    store: &Store,
    change: Option<&Change>,
    kept: Option<(&ReplayKey, &Answer)>,
) -> Result<(), CommitError> {
    match (change, kept) {
        (Some(change), kept) => store.commit(change, kept).await,
        (None, Some((key, answer))) if !store.keep_answer(key, answer).await? => Err(CommitError::Replayed),
        (None, _) => Ok(()),
    }
}

/// Why a ticket was not changed. Nothing of the change was done.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is no such ticket, or the domain refuses.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The ticket is not of a version asked for, but of this one.
    #[error("the ticket is of version {0}")]
    Stale(u64),
    /// The key came with another request before.
    #[error("the key came with another request before")]
    KeyReused,
    /// The answer to keep could not be written.
    #[error("the answer cannot be kept: {0}")]
    Unanswerable(Fatal),
    /// The change was not committed: others never let it through, or the table could not be written.
    #[error(transparent)]
    NotCommitted(#[from] CommitError),
}

impl From<ReplayError> for ChangeError {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Reused => Self::KeyReused,
            ReplayError::Store(error) => error.into(),
        }
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
    fn by(change: &Change) -> Self {
        Self { ticket: change.ticket.clone(), entries: change.entries.clone() }
    }

    const fn nothing(ticket: Ticket) -> Self {
        Self { ticket, entries: Vec::new() }
    }
}
