//! What each person did in a clock hour, counted against their limits.
//!
//! One item for each person and hour holds a counter for each limit. A counter is incremented by a
//! single conditional update outside of any transaction, so that a busy program does not conflict
//! with itself. A further try of a call whose response was lost may count one twice.

use domain::id::UserId;
use domain::limit::{Hour, Limit, LimitReached};
use domain::time::Timestamp;

use super::condition::{Changes, above, any, below, lacks};
use super::item::number;
use super::keys::{EXPIRES_AT, Key};
use super::write::Write;
use super::{Store, StoreError};

/// The reason why something may not be done now.
#[derive(Debug)]
pub enum SpendError {
    /// The person did it as often as they may in this hour.
    Reached(LimitReached),
    /// The table could not be written.
    Store(StoreError),
}

impl From<StoreError> for SpendError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Store {
    /// Counts that a person does once more what the limit is about.
    ///
    /// # Errors
    /// Fails if the person reached the limit, or if the table cannot be written.
    pub async fn spend(&self, person: UserId, limit: Limit, now: Timestamp) -> Result<(), SpendError> {
        let (hour, counter) = (Hour::of(now), limit.of.policy());
        let changes = Changes::new().set(EXPIRES_AT, number(hour.end())).add(counter, number(1));
        let room = any([lacks(counter), below(counter, number(limit.per_hour))]);
        let written = self.write_if(Write::update(Key::spent(person, hour), changes), room).await?;
        if written.is_made() { Ok(()) } else { Err(SpendError::Reached(limit.reached(now))) }
    }

    /// Takes back what was counted then, because nothing was done. If that fails, it stays counted
    /// until the hour ends.
    pub async fn refund(&self, person: UserId, limit: Limit, then: Timestamp) {
        let counter = limit.of.policy();
        let taken_back = Write::update(Key::spent(person, Hour::of(then)), Changes::new().decrement(counter));
        // Refused: nothing is counted.
        match self.write_if(taken_back, above(counter, number(0))).await {
            Ok(written) => written.either_way(),
            Err(error) => tracing::warn!(error = %error, "a replay stays counted"),
        }
    }
}
