//! Changing a ticket: read it, let the domain decide, commit, and begin again if somebody else was faster.

use domain::field::Violations;
use domain::id::TicketNumber;
use domain::log::LogEntry;
use domain::ticket::{Change, CommandRequest, Head, Outcome, Refusal, Ticket};
use domain::user::Person;
use edges::store::{Answer, CommitError, ReplayError, ReplayKey, Store, StoreError};
use edges::{Fatal, clock};

use crate::Desk;

/// How often a change is decided anew because the ticket changed meanwhile.
const ATTEMPTS_MAX: u32 = 8;

/// Versions of a ticket that a condition names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Versions {
    /// Any.
    Any,
    /// These.
    Listed(Vec<u64>),
}

impl Versions {
    /// Whether that version is among them.
    #[must_use]
    pub fn have(&self, version: u64) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(versions) => versions.contains(&version),
        }
    }
}

/// On what terms a ticket is to be changed.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// The versions of which it has to have one, if that is asked for (`If-Match`).
    pub wanted: Option<Versions>,
    /// The versions of which it may have none, if that is asked for (`If-None-Match`).
    pub unwanted: Option<Versions>,
    /// The key under which the answer is kept.
    pub key: Option<ReplayKey>,
}

impl Terms {
    /// The answer that the same request got before, if it came before.
    pub async fn replay(&self, store: &Store) -> Result<Option<Answer>, ReplayError> {
        match &self.key {
            Some(key) => store.replay(key).await,
            None => Ok(None),
        }
    }

    /// Makes the answer to keep, if there is a key to keep it under.
    pub(crate) fn answer<T>(&self, done: &T, keep: Keep<'_, T>) -> Result<Option<Answer>, TicketError> {
        self.key.as_ref().map(|_| keep(done)).transpose().map_err(TicketError::Unanswerable)
    }

    /// Returns what is kept with a change, and under which key.
    pub(crate) fn keeping<'a>(&'a self, answer: Option<&'a Answer>) -> Option<(&'a ReplayKey, &'a Answer)> {
        self.key.as_ref().zip(answer)
    }

    /// Whether they ask for a version, one way or the other.
    #[must_use]
    pub const fn ask_for_a_version(&self) -> bool {
        self.wanted.is_some() || self.unwanted.is_some()
    }

    /// Checks that the ticket is of a version asked for: first of one that is wanted, then of none that is not (RFC 9110 §13.2.2).
    ///
    /// # Errors
    /// [`TicketError::Stale`] or [`TicketError::Excluded`].
    pub fn check_version(&self, version: u64) -> Result<(), TicketError> {
        if self.wanted.as_ref().is_some_and(|wanted| !wanted.have(version)) {
            return Err(TicketError::Stale(version));
        }
        if self.unwanted.as_ref().is_some_and(|unwanted| unwanted.have(version)) {
            return Err(TicketError::Excluded(version));
        }
        Ok(())
    }
}

/// Makes of what a use case did the answer that is kept under the request's key.
pub type Keep<'a, T> = &'a (dyn Fn(&T) -> Result<Answer, Fatal> + Sync);

/// What came of asking for something.
#[derive(Debug)]
pub enum Done<T> {
    /// It was done, or there was nothing to do.
    Now(T),
    /// It was done before, under the same key: the answer it got then.
    Before(Answer),
}

impl Desk {
    /// Changes a ticket as `decide` says, which is asked again, with the ticket as it then is, for as long as others change
    /// the ticket in between. `keep` makes the answer that is kept under the key, if one was sent.
    pub async fn change(
        &self,
        number: TicketNumber,
        actor: &Person,
        terms: &Terms,
        decide: impl Fn(Ticket) -> Result<Outcome, Refusal>,
        keep: Keep<'_, Changed>,
    ) -> Result<Done<Changed>, TicketError> {
        let store = &self.store;
        let mut assignee_left = false;
        for attempt in 0..ATTEMPTS_MAX {
            clock::pause_before(attempt).await;
            let mut ticket = self.ticket(number, actor).await?;
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
            let answer = terms.answer(&changed, keep)?;
            match commit(store, change.as_deref(), terms.keeping(answer.as_ref())).await {
                Ok(()) => return Ok(Done::Now(changed)),
                Err(CommitError::Conflict | CommitError::Replayed) => {}
                Err(CommitError::NotATechnician) if change.is_some_and(|change| change.reopens()) => {
                    assignee_left = true;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// Gives a ticket the desk's own command, if it still is as `is_due` says. Returns whether it did.
    pub(crate) async fn execute_if(
        &self,
        number: TicketNumber,
        actor: &Person,
        command: &CommandRequest,
        is_due: impl Fn(&Head) -> bool,
    ) -> Result<bool, TicketError> {
        let decide = |ticket: Ticket| {
            if !is_due(&ticket.head) {
                return Ok(Outcome::Unchanged(Box::new(ticket)));
            }
            let change = ticket.execute(command.clone(), actor, clock::stamp())?;
            Ok(Outcome::Changed(Box::new(change)))
        };
        let done = self.change(number, actor, &Terms::default(), decide, &|_| Err("no key was sent".into())).await?;
        Ok(matches!(done, Done::Now(changed) if !changed.entries.is_empty()))
    }
}

/// Returns `done`, once it is committed; or the answer of the same request, if that was faster under the same key.
pub(crate) async fn committed<T>(
    store: &Store,
    terms: &Terms,
    done: T,
    written: Result<(), CommitError>,
) -> Result<Done<T>, TicketError> {
    match written {
        Ok(()) => Ok(Done::Now(done)),
        Err(CommitError::Replayed) => Ok(terms.replay(store).await?.map(Done::Before).ok_or(CommitError::Conflict)?),
        Err(error) => Err(error.into()),
    }
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

/// Why nothing was done with a ticket.
#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    /// There is no such ticket, or the domain refuses.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The person may do this with no ticket; who may.
    #[error("{0}")]
    Forbidden(String),
    /// Some fields name what they may not.
    #[error("some fields are invalid")]
    Invalid(Violations),
    /// The ticket is not of a version asked for, but of this one.
    #[error("the ticket is of version {0}")]
    Stale(u64),
    /// The ticket is of this version, which it was not to have.
    #[error("the ticket is of version {0}, which was not wanted")]
    Excluded(u64),
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

impl From<ReplayError> for TicketError {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Reused => Self::KeyReused,
            ReplayError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for TicketError {
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
