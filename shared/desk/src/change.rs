//! Changes a ticket: reads it, lets the domain decide, commits, and retries on a conflict.

use domain::field::Violations;
use domain::id::{TicketNumber, UserId};
use domain::limit::{Limit, LimitReached};
use domain::log::LogEntry;
use domain::permission::Actor;
use domain::permission::Denied;
use domain::text::Description;
use domain::ticket::{Change, CommandRequest, Head, Outcome, Refusal, Ticket};
use domain::time::Timestamp;
use edges::store::{CommitError, IdempotencyKey, ReplayError, SpendError, Store, StoreError, StoredResponse};
use edges::{Fatal, clock};

use crate::Desk;

/// The maximum number of tries to change a ticket that others change concurrently.
const ATTEMPTS_MAX: u32 = 8;

/// The versions of a ticket that a precondition names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Versions {
    /// Any version.
    Any,
    /// The listed versions.
    Listed(Vec<u64>),
}

impl Versions {
    /// Returns whether the version is among them.
    #[must_use]
    pub fn contains(&self, version: u64) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(versions) => versions.contains(&version),
        }
    }
}

/// The preconditions of a change, its idempotency key, and the limit that it counts against.
#[derive(Clone, Debug, Default)]
pub struct Preconditions {
    /// The versions of which the ticket must have one, if any are required (`If-Match`).
    pub if_match: Option<Versions>,
    /// The versions of which the ticket must have none, if any are excluded (`If-None-Match`).
    pub if_none_match: Option<Versions>,
    /// The idempotency key under which the response is stored.
    pub key: Option<IdempotencyKey>,
    /// How often the actor may do this, if that is limited.
    pub limit: Option<Limit>,
}

impl Preconditions {
    /// Sets how often the actor may do this.
    #[must_use]
    pub fn with_limit(self, limit: Limit) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// Returns the stored response if the request is a repeated one.
    pub(crate) async fn replay(&self, store: &Store) -> Result<Option<StoredResponse>, ReplayError> {
        match &self.key {
            Some(key) => store.replay(key).await,
            None => Ok(None),
        }
    }

    /// Builds the response to store, if there is an idempotency key.
    pub(crate) fn response_to_store<T>(
        &self,
        done: &T,
        build_response: BuildResponse<'_, T>,
    ) -> Result<Option<StoredResponse>, TicketError> {
        self.key.as_ref().map(|_| build_response(done)).transpose().map_err(TicketError::ResponseNotBuilt)
    }

    /// Returns the response to store with a change, and its idempotency key.
    pub(crate) fn with_key<'a>(
        &'a self,
        response: Option<&'a StoredResponse>,
    ) -> Option<(&'a IdempotencyKey, &'a StoredResponse)> {
        self.key.as_ref().zip(response)
    }

    /// Returns whether there is a precondition of either kind.
    #[must_use]
    pub const fn has_version_condition(&self) -> bool {
        self.if_match.is_some() || self.if_none_match.is_some()
    }

    /// Checks the preconditions against the ticket's version: first `If-Match`, then
    /// `If-None-Match` (RFC 9110 §13.2.2).
    ///
    /// # Errors
    /// Fails with [`TicketError::Stale`] or [`TicketError::Excluded`].
    pub fn check_version(&self, version: u64) -> Result<(), TicketError> {
        if self.if_match.as_ref().is_some_and(|if_match| !if_match.contains(version)) {
            return Err(TicketError::Stale(version));
        }
        if self.if_none_match.as_ref().is_some_and(|if_none_match| if_none_match.contains(version)) {
            return Err(TicketError::Excluded(version));
        }
        Ok(())
    }
}

/// A function that builds, from the result of a use case, the response to store under the
/// idempotency key.
pub type BuildResponse<'a, T> = &'a (dyn Fn(&T) -> Result<StoredResponse, Fatal> + Sync);

/// The outcome of a request.
#[derive(Debug)]
pub enum Done<T> {
    /// It was executed now, or there was nothing to change.
    Executed(T),
    /// It was executed before, under the same idempotency key. Holds the stored response.
    Replayed(StoredResponse),
}

/// What a change needs of a ticket's description: the text, or nothing.
pub(crate) trait DescriptionRead: Clone + Sized {
    /// Reads a ticket with that much of its description.
    async fn ticket(store: &Store, number: TicketNumber) -> Result<Option<Ticket<Self>>, StoreError>;
}

impl DescriptionRead for Description {
    async fn ticket(store: &Store, number: TicketNumber) -> Result<Option<Ticket>, StoreError> {
        store.ticket(number).await
    }
}

impl DescriptionRead for () {
    async fn ticket(store: &Store, number: TicketNumber) -> Result<Option<Ticket<()>>, StoreError> {
        store.ticket_without_description(number).await
    }
}

impl Desk {
    /// Changes a ticket as `decide` says. Calls `decide` again with the current ticket whenever
    /// there was a conflict. `build_response` builds the response that is stored under the
    /// idempotency key, if one was sent.
    pub(crate) async fn change<D: DescriptionRead>(
        &self,
        number: TicketNumber,
        actor: Actor<'_>,
        preconditions: &Preconditions,
        decide: impl Fn(Ticket<D>) -> Result<Outcome<D>, Refusal>,
        build_response: BuildResponse<'_, Changed<D>>,
    ) -> Result<Done<Changed<D>>, TicketError> {
        let mut spending = Spending::new(actor.owner().id, preconditions.limit);
        let done = self.try_to_change(number, actor, preconditions, (decide, build_response), &mut spending).await;
        // What was not done is not counted: a replay, and a refusal that came after a conflict.
        if !matches!(&done, Ok(Done::Executed(changed)) if !changed.entries.is_empty()) {
            spending.refund(&self.store).await;
        }
        done
    }

    async fn try_to_change<D: DescriptionRead>(
        &self,
        number: TicketNumber,
        actor: Actor<'_>,
        preconditions: &Preconditions,
        (decide, build_response): (impl Fn(Ticket<D>) -> Result<Outcome<D>, Refusal>, BuildResponse<'_, Changed<D>>),
        spending: &mut Spending,
    ) -> Result<Done<Changed<D>>, TicketError> {
        let store = &self.store;
        let mut assignee_left = false;
        for attempt in 0..ATTEMPTS_MAX {
            clock::pause_before(attempt).await;
            let mut ticket = D::ticket(store, number).await?.ok_or(Refusal::Hidden)?.visible_to(actor)?;
            // Only after the ticket was read, so that a stored response shows nothing that the
            // actor may no longer see.
            if let Some(response) = preconditions.replay(store).await? {
                return Ok(Done::Replayed(response));
            }
            ticket.assignee_left = assignee_left;
            let decided = preconditions.check_version(ticket.head.seq).and_then(|()| Ok(decide(ticket)?));
            let (changed, change) = match decided {
                Ok(Outcome::Unchanged(ticket)) => (Changed::nothing(*ticket), None),
                Ok(Outcome::Changed(change)) => (Changed::by(&change), Some(change)),
                // The refusal may be caused by this very change, made by the same request a moment
                // ago.
                Err(refusal) => return preconditions.replay(store).await?.map(Done::Replayed).ok_or(refusal),
            };
            if change.is_some() {
                spending.spend_once(store).await?;
            }
            let response = preconditions.response_to_store(&changed, build_response)?;
            match commit(store, change.as_deref(), preconditions.with_key(response.as_ref())).await {
                Ok(()) => return Ok(Done::Executed(changed)),
                Err(CommitError::Conflict | CommitError::AlreadyStored) => {}
                Err(CommitError::NotATechnician) if change.is_some_and(|change| change.reopens()) => {
                    assignee_left = true;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// Executes a command on a ticket for the help desk itself, if `is_due` still holds for the
    /// ticket. Returns whether the ticket changed.
    pub(crate) async fn execute_if(
        &self,
        number: TicketNumber,
        actor: Actor<'_>,
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
        let done =
            self.change(number, actor, &Preconditions::default(), decide, &|_| Err("no key was sent".into())).await?;
        Ok(matches!(done, Done::Executed(changed) if !changed.entries.is_empty()))
    }
}

/// Returns `done` once it is committed, or the stored response if the same request was committed
/// first under the same key.
pub(crate) async fn done_or_replayed<T>(
    store: &Store,
    preconditions: &Preconditions,
    done: T,
    written: Result<(), CommitError>,
) -> Result<Done<T>, TicketError> {
    match written {
        Ok(()) => Ok(Done::Executed(done)),
        Err(CommitError::AlreadyStored) => {
            Ok(preconditions.replay(store).await?.map(Done::Replayed).ok_or(CommitError::Conflict)?)
        }
        Err(error) => Err(error.into()),
    }
}

async fn commit<D>(
    store: &Store,
    change: Option<&Change<D>>,
    stored: Option<(&IdempotencyKey, &StoredResponse)>,
) -> Result<(), CommitError> {
    match (change, stored) {
        (Some(change), stored) => store.commit(change, stored).await,
        (None, Some((key, response))) if !store.store_response(key, response).await? => Err(CommitError::AlreadyStored),
        (None, _) => Ok(()),
    }
}

/// What a change counts against a person's limit: once, however often it is tried, and nothing if
/// it turns out to be a replay.
pub(crate) struct Spending {
    person: UserId,
    limit: Option<Limit>,
    spent_at: Option<Timestamp>,
}

impl Spending {
    pub(crate) const fn new(person: UserId, limit: Option<Limit>) -> Self {
        Self { person, limit, spent_at: None }
    }

    pub(crate) async fn spend_once(&mut self, store: &Store) -> Result<(), TicketError> {
        if let (Some(limit), None) = (self.limit, self.spent_at) {
            let now = clock::now();
            store.spend(self.person, limit, now).await?;
            self.spent_at = Some(now);
        }
        Ok(())
    }

    pub(crate) async fn refund(&self, store: &Store) {
        if let (Some(limit), Some(then)) = (self.limit, self.spent_at) {
            store.refund(self.person, limit, then).await;
        }
    }
}

/// The reason why a request about a ticket failed.
#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    /// The ticket does not exist, or the domain refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The actor may not do this with any ticket.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Some fields refer to something that they may not refer to.
    #[error("some fields are invalid")]
    Invalid(Violations),
    /// The ticket has this version, which fails `If-Match`.
    #[error("the ticket's version is {0}")]
    Stale(u64),
    /// The ticket has this version, which `If-None-Match` excludes.
    #[error("the ticket's version is {0}, which the request excludes")]
    Excluded(u64),
    /// The person did this as often as they may in this hour.
    #[error("the limit is reached: {0:?}")]
    LimitReached(LimitReached),
    /// The idempotency key was used by a different request before.
    #[error("the key was already used for a different request")]
    KeyReused,
    /// The response to store could not be built.
    #[error("the response cannot be stored: {0}")]
    ResponseNotBuilt(Fatal),
    /// The change was not committed: conflicts persisted, or the table could not be written.
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

impl From<SpendError> for TicketError {
    fn from(error: SpendError) -> Self {
        match error {
            SpendError::Reached(reached) => Self::LimitReached(reached),
            SpendError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for TicketError {
    fn from(error: StoreError) -> Self {
        Self::NotCommitted(error.into())
    }
}

/// A ticket after a change, or after nothing was changed.
#[derive(Debug)]
pub struct Changed<D = Description> {
    /// The current ticket.
    pub ticket: Ticket<D>,
    /// The entries added to its log. Empty if there was nothing to change.
    pub entries: Vec<LogEntry>,
}

impl<D: Clone> Changed<D> {
    fn by(change: &Change<D>) -> Self {
        Self { ticket: change.ticket.clone(), entries: change.entries.clone() }
    }

    const fn nothing(ticket: Ticket<D>) -> Self {
        Self { ticket, entries: Vec::new() }
    }
}
