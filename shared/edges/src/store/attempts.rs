//! Attempts to sign in, change a password, register or request a reset, counted before they are
//! made.
//!
//! Each counter is an item of its own and is incremented by a single conditional update. All
//! concurrent attempts are counted, and none is refused because another was faster.

use domain::id::UserId;
use domain::throttle::{Attempts, Throttle, Wait};
use domain::time::Timestamp;
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::condition::{Changes, Condition, above, all, at_least, below, between, is, lacks};
use super::item::{from_item, number, text};
use super::keys::{EXPIRES_AT, Item, Key};
use super::transaction::Transaction;
use super::write::Write;
use super::{SignIn, Store, StoreError};
use crate::auth::TokenHash;
use crate::clock;

/// The reason why an attempt may not be made now.
#[derive(Debug)]
pub enum AttemptError {
    /// Too many attempts were made before.
    TooMany(Wait),
    /// The table could not be read or written.
    Store(StoreError),
}

impl From<StoreError> for AttemptError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The number of tries of counting while the counter changes. Below the free count at most two
/// changes can interfere. Above it another caller's attempt makes this one wait.
const TRIES_MAX: u32 = 12;

/// The attribute that holds the number of attempts.
const COUNT: &str = "attempt_count";
/// The attribute that holds the time of the last one.
const LAST_AT: &str = "last_at";

/// A counter of attempts under one key.
#[derive(Clone, Debug)]
pub(super) struct Counter {
    pub(super) key: Key,
    pub(super) throttle: Throttle,
}

impl Counter {
    /// Returns the attempts counted so far, according to the items that were read.
    pub(super) fn in_items(&self, found: &[Item]) -> Result<Option<Attempts>, StoreError> {
        let item = found.iter().find(|item| self.key.is_of(item)).cloned();
        Ok(item.map(from_item::<Counted>).transpose()?.map(Attempts::from))
    }

    /// Returns how long the next attempt has to wait, if at all, according to the items that were
    /// read.
    pub(super) fn wait_in(&self, found: &[Item], now: Timestamp) -> Result<Option<Wait>, StoreError> {
        Ok(self.in_items(found)?.and_then(|before| self.throttle.attempt(Some(before), now).err()))
    }
}

#[derive(Serialize, Deserialize)]
struct Counted {
    attempt_count: u32,
    last_at: Timestamp,
}

impl From<Counted> for Attempts {
    fn from(counted: Counted) -> Self {
        Self { count: counted.attempt_count, last_at: counted.last_at }
    }
}

/// Attempts that no longer count.
#[derive(Clone, Copy, Debug)]
pub enum Forgotten<'a> {
    /// The attempts to change this user's password.
    PasswordChanges(UserId),
    /// The password reset requests for a normalised address.
    ResetRequests(&'a str),
    /// The sign-ins with this address, in its network and in all networks together.
    SignIns(&'a SignIn),
}

impl Forgotten<'_> {
    fn keys(self) -> Vec<Key> {
        match self {
            Self::PasswordChanges(user) => vec![password_change(user).key],
            Self::ResetRequests(email) => vec![reset_key(email)],
            Self::SignIns(sign_in) => sign_in.waits(),
        }
    }
}

impl<R> Transaction<R> {
    /// Forgets all attempts of these kinds.
    pub(super) fn forget(self, forgotten: &[Forgotten<'_>]) -> Self {
        let keys = forgotten.iter().flat_map(|attempts| attempts.keys());
        keys.fold(self, |writes, key| writes.delete(key).unconditionally())
    }
}

impl Store {
    /// Reverts the count of a password reset request from this network.
    pub async fn take_back_reset(&self, network: &str) {
        self.revert_count(&reset_from_key(network)).await;
    }

    /// Counts an attempt to change this user's password.
    pub async fn count_password_change(&self, user: UserId, now: Timestamp) -> Result<(), AttemptError> {
        self.count_all(&[password_change(user)], now).await
    }

    /// Counts an attempt to register from this network.
    pub async fn count_registration(
        &self,
        network: Option<&str>,
        free: u32,
        now: Timestamp,
    ) -> Result<(), AttemptError> {
        let throttle = Throttle::REGISTRATION_BY_NETWORK.with_free_attempts(free);
        let counter = network.map(|network| Counter { key: Key::attempts("register-from", network), throttle });
        self.count_all(counter.as_slice(), now).await
    }

    /// Counts an attempt in each of these counters, or in none.
    async fn count_all(&self, counters: &[Counter], now: Timestamp) -> Result<(), AttemptError> {
        let found = self.batch_get(counters.iter().map(|counter| counter.key.clone()).collect()).await?;
        for counter in counters {
            if let Some(wait) = counter.wait_in(&found, now)? {
                return Err(AttemptError::TooMany(wait));
            }
        }
        self.count_each(counters, &found, now).await
    }

    /// Counts an attempt in each of these counters, starting from the items found. Counts it in
    /// none if one of them fills up in the meantime.
    pub(super) async fn count_each(
        &self,
        counters: &[Counter],
        found: &[Item],
        now: Timestamp,
    ) -> Result<(), AttemptError> {
        let counted = join_all(counters.iter().map(|counter| async {
            let before = counter.in_items(found)?;
            self.count(counter, before, now).await
        }));
        let counted = counted.await;
        if counted.iter().all(Result::is_ok) {
            return Ok(());
        }
        for (counter, _) in counters.iter().zip(&counted).filter(|(_, counted)| counted.is_ok()) {
            self.revert_count(&counter.key).await;
        }
        counted.into_iter().try_for_each(|counted| counted.map(drop))
    }

    /// Counts one more attempt and returns the new total. `before` is the count that was read.
    pub(super) async fn count(
        &self,
        counter: &Counter,
        mut before: Option<Attempts>,
        now: Timestamp,
    ) -> Result<Attempts, AttemptError> {
        for tried in 0..TRIES_MAX {
            clock::pause_before(tried).await;
            let after = counter.throttle.attempt(before, now).map_err(AttemptError::TooMany)?;
            match self.count_once(counter, before, now).await? {
                Ok(()) => return Ok(after),
                Err(found) => before = found,
            }
        }
        Err(StoreError::Unavailable("other requests kept counting the same attempts".into()).into())
    }

    /// Counts one more attempt, on condition that the counter still allows it, compared with
    /// `before`. Otherwise returns the attempts that are stored.
    async fn count_once(
        &self,
        counter: &Counter,
        before: Option<Attempts>,
        now: Timestamp,
    ) -> Result<Result<(), Option<Attempts>>, StoreError> {
        let (condition, changes) = one_more(counter.throttle, before, now);
        match self.update_or_find(&counter.key, changes, condition).await? {
            Ok(()) => Ok(Ok(())),
            Err(found) => Ok(Err(found.map(from_item::<Counted>).transpose()?.map(Attempts::from))),
        }
    }

    /// Reverts the count of an attempt that succeeded or was not made. If that fails, the attempt
    /// is forgotten with the others.
    pub(super) async fn revert_count(&self, key: &Key) {
        let taken_back = Write::update(key.clone(), Changes::new().decrement(COUNT));
        // Refused: nothing is counted.
        match self.write_if(taken_back, above(COUNT, number(0))).await {
            Ok(written) => written.either_way(),
            Err(error) => tracing::warn!(error = %error, "a successful attempt stays counted"),
        }
    }

    /// Forgets all attempts under a key. A successful attempt shows who made the earlier ones.
    pub(super) async fn forget(&self, key: &Key) {
        if let Err(error) = self.write(Write::delete(key.clone())).await {
            tracing::warn!(error = %error, "attempts stay counted");
        }
    }
}

/// Returns the condition and the changes that count one more attempt after `before`, which does not
/// have to wait.
fn one_more(throttle: Throttle, before: Option<Attempts>, now: Timestamp) -> (Condition, Changes) {
    let (at, free) = (|| text(now.to_string()), || number(throttle.free_attempts()));
    let expiry = number(throttle.forgotten_at(now).unix_seconds());
    let dated = |changes: Changes| changes.set(LAST_AT, at()).set(EXPIRES_AT, expiry);
    let Some(before) = before else {
        return (lacks(COUNT), dated(Changes::new().set(COUNT, number(1))));
    };
    let seen = || text(before.last_at.to_string());
    if throttle.is_forgotten(before, now) {
        return (is(LAST_AT, seen()), dated(Changes::new().set(COUNT, number(1))));
    }
    let next = Changes::new().increment(COUNT);
    if before.count >= throttle.free_attempts() {
        (all([is(COUNT, number(before.count)), is(LAST_AT, seen())]), dated(next))
    } else if before.last_at < now {
        // A free attempt is counted whatever the current number is. The later of both times is
        // kept.
        (all([below(COUNT, free()), between(LAST_AT, seen(), at())]), dated(next))
    } else {
        (all([below(COUNT, free()), at_least(LAST_AT, at())]), next)
    }
}

/// Returns the counter of attempts to change a user's password.
fn password_change(user: UserId) -> Counter {
    Counter { key: Key::attempts("change-password", &user.to_string()), throttle: Throttle::PASSWORD }
}

/// Returns the key of the counter of password reset requests for a normalised address.
pub(super) fn reset_key(email: &str) -> Key {
    Key::attempts("reset", &TokenHash::of(email.as_bytes()).to_string())
}

/// Returns the key of the counter of password reset requests from a network.
pub(super) fn reset_from_key(network: &str) -> Key {
    Key::attempts("reset-from", network)
}
