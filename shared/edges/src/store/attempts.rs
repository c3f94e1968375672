//! Attempts at passwords, registrations and password resets, counted before they are made.
//!
//! Each counter is an item of its own and is incremented by a single conditional update. All
//! concurrent attempts are counted, and none is refused because another was faster.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{Delete, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use domain::id::UserId;
use domain::throttle::{Attempts, Throttle, Wait};
use domain::time::Timestamp;
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::item::{from_item, is_refused, number, text, unless_refused};
use super::keys::{EXPIRES_AT, Item, Key};
use super::{Store, StoreError};
use crate::auth::TokenHash;
use crate::clock;

/// The reason why an attempt may not be made now.
#[derive(Debug)]
pub enum AttemptError {
    /// There were too many attempts before it.
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

impl Store {
    /// Counts an attempt to change this user's password.
    pub async fn count_password_change(&self, user: UserId, now: Timestamp) -> Result<(), AttemptError> {
        self.count_all(&[password_change(user)], now).await
    }

    /// Counts an attempt to register from this network, as [`crate::http::Request::network`] names
    /// it.
    pub async fn count_registration(
        &self,
        network: Option<&str>,
        free: u32,
        now: Timestamp,
    ) -> Result<(), AttemptError> {
        let throttle = Throttle::REGISTRATION_BY_NETWORK.with_free(free);
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
            self.take_back(&counter.key).await;
        }
        counted.into_iter().try_for_each(|counted| counted.map(drop))
    }

    /// Counts one more attempt and returns the new total. `before` is the counter as it was read.
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
                Counting::Done => return Ok(after),
                Counting::Changed(found) => before = found,
            }
        }
        Err(StoreError::Unavailable("other requests kept counting the same attempts".into()).into())
    }

    /// Counts one more attempt, on condition that the counter, as it was read, still allows it.
    async fn count_once(
        &self,
        counter: &Counter,
        before: Option<Attempts>,
        now: Timestamp,
    ) -> Result<Counting, StoreError> {
        let throttle = counter.throttle;
        let (condition, update) = conditional_update(throttle, before, now);
        let mut request = self.client.update_item().table_name(&self.table).set_key(Some(counter.key.to_item()));
        let read = before.unwrap_or(Attempts { count: 0, last_at: now });
        // DynamoDB rejects values that are not used.
        for (name, value) in [
            (":one", number(1)),
            (":now", text(now.to_string())),
            (":expiry", number(throttle.forgotten_at(now).unix_seconds())),
            (":free", number(throttle.free())),
            (":count", number(read.count)),
            (":seen", text(read.last_at.to_string())),
        ] {
            if condition.contains(name) || update.contains(name) {
                request = request.expression_attribute_values(name, value);
            }
        }
        let sent = request
            .condition_expression(condition)
            .update_expression(update)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let error = match sent {
            Ok(_) => return Ok(Counting::Done),
            Err(error) if is_refused(&error) => error,
            Err(error) => return Err(error.into()),
        };
        let item = match error.into_service_error() {
            UpdateItemError::ConditionalCheckFailedException(failed) => failed.item,
            _ => None,
        };
        Ok(Counting::Changed(item.map(from_item::<Counted>).transpose()?.map(Attempts::from)))
    }

    /// Reverts the count of an attempt that succeeded or was not made. If that fails, the attempt
    /// is forgotten with the others.
    pub(super) async fn take_back(&self, key: &Key) {
        let update = self.client.update_item().table_name(&self.table).set_key(Some(key.to_item()));
        let sent = update
            .condition_expression(format!("{COUNT} > :none"))
            .update_expression(format!("SET {COUNT} = {COUNT} - :one"))
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":one", number(1))
            .send()
            .await;
        if let Err(error) = unless_refused(sent) {
            tracing::warn!(error = %error, "a successful attempt stays counted");
        }
    }

    /// Forgets all attempts under a key. A successful one shows who made those before.
    pub(super) async fn forget(&self, key: &Key) {
        let delete = self.client.delete_item().table_name(&self.table).set_key(Some(key.to_item()));
        if let Err(error) = delete.send().await.map_err(StoreError::from) {
            tracing::warn!(error = %error, "attempts stay counted");
        }
    }

    /// Returns the write that forgets all attempts under a key, as part of a transaction.
    pub(super) fn forgetting(&self, key: &Key) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder().table_name(&self.table).set_key(Some(key.to_item())).build();
        Ok(TransactWriteItem::builder().delete(delete.map_err(StoreError::corrupt)?).build())
    }
}

/// The result of trying to count an attempt.
enum Counting {
    /// The attempt was counted.
    Done,
    /// The counter differs from what was read. Holds its current state.
    Changed(Option<Attempts>),
}

/// Returns the condition and the update that count one more attempt after `before`, which does not
/// have to wait.
fn conditional_update(throttle: Throttle, before: Option<Attempts>, now: Timestamp) -> (String, String) {
    let later = format!("last_at = :now, {EXPIRES_AT} = :expiry");
    let first = format!("SET {COUNT} = :one, {later}");
    let next = format!("SET {COUNT} = {COUNT} + :one, {later}");
    match before {
        None => (format!("attribute_not_exists({COUNT})"), first),
        Some(before) if throttle.is_forgotten(before, now) => ("last_at = :seen".to_owned(), first),
        // A free attempt is counted whatever the current number is. The later of both times is
        // kept.
        Some(before) if before.count < throttle.free() && before.last_at < now => {
            (format!("{COUNT} < :free AND last_at BETWEEN :seen AND :now"), next)
        }
        Some(before) if before.count < throttle.free() => {
            (format!("{COUNT} < :free AND last_at >= :now"), format!("SET {COUNT} = {COUNT} + :one"))
        }
        Some(_) => (format!("{COUNT} = :count AND last_at = :seen"), next),
    }
}

/// Returns the counter of attempts to change a user's password.
pub(super) fn password_change(user: UserId) -> Counter {
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
