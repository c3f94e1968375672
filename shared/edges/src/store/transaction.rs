//! Transactions: several writes, all made or none.
//!
//! Each conditional write carries the refusal to return if its condition does not hold, in a type
//! that the caller chooses. So the refusal does not depend on the write's position in the list:
//!
//! ```text
//! Transaction::new()
//!     .put(head).when(is("seq", number(seen))).or(CommitError::Conflict)
//!     .check(technician).when(active_as(Role::Technician)).or(CommitError::NotATechnician)
//!     .put(entry).when(absent()).or(CommitError::Conflict)
//!     .commit(&store).await?
//! ```

use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError as TransactError;
use aws_sdk_dynamodb::types::TransactWriteItem;

use super::condition::{Changes, Condition};
use super::keys::{Item, Key};
use super::write::{Write, check_in_transaction};
use super::{Store, StoreError};
use crate::aws::Call;
use crate::clock;

/// The number of tries of a transaction. Conflicting transactions take milliseconds, and the last
/// waits are long enough for a throttled table to recover.
pub(super) const TRANSACTION_TRIES_MAX: u32 = 6;

/// Writes that are all made or none. `R` is the type of the refusals, which say which condition did
/// not hold.
#[derive(Debug)]
#[must_use]
pub(super) struct Transaction<R> {
    writes: Vec<(Part, Option<Condition>, Option<R>)>,
    /// The refusal to return if other transactions keep using the same items.
    contended: Option<R>,
}

/// What a transaction does with an item.
#[derive(Debug)]
enum Part {
    /// Writes it.
    Write(Write),
    /// Writes nothing, but requires a condition.
    Check(Key),
}

impl Part {
    fn in_transaction(self, condition: Option<Condition>, table: &str) -> Result<TransactWriteItem, StoreError> {
        match self {
            Self::Write(write) => write.in_transaction(condition, table),
            Self::Check(key) => check_in_transaction(&key, condition, table),
        }
    }
}

/// A write that is being added. Its condition, if it gets one, comes next.
#[derive(Debug)]
#[must_use]
pub(super) struct PendingWrite<R>(Transaction<R>, Write);

/// A check that is being added. Its condition comes next.
#[derive(Debug)]
#[must_use]
pub(super) struct PendingCheck<R>(Transaction<R>, Key);

/// A conditional write that is being added. Its refusal comes next.
#[derive(Debug)]
#[must_use]
pub(super) struct ConditionalWrite<R>(Transaction<R>, Part, Condition);

impl<R> Transaction<R> {
    /// Returns a transaction without a write. Committing it takes no call.
    pub(super) const fn new() -> Self {
        Self { writes: Vec::new(), contended: None }
    }

    /// Puts an item in place of any that has its key.
    pub(super) const fn put(self, item: Item) -> PendingWrite<R> {
        PendingWrite(self, Write::put(item))
    }

    /// Changes attributes of an item, and creates it if there is none.
    pub(super) const fn update(self, key: Key, changes: Changes) -> PendingWrite<R> {
        PendingWrite(self, Write::update(key, changes))
    }

    /// Deletes an item.
    pub(super) const fn delete(self, key: Key) -> PendingWrite<R> {
        PendingWrite(self, Write::delete(key))
    }

    /// Checks an item that is not written. A transaction may contain each item only once (DynamoDB
    /// API reference, `TransactWriteItems`).
    pub(super) const fn check(self, key: Key) -> PendingCheck<R> {
        PendingCheck(self, key)
    }

    /// Sets the refusal to return if other transactions keep using the same items. Without it, the
    /// table then counts as unavailable.
    pub(super) fn or_if_contended(self, refusal: R) -> Self {
        Self { contended: Some(refusal), ..self }
    }

    /// Makes all writes or none. If conditions do not hold, the result is the refusal of the first
    /// write in the list whose condition does not hold.
    ///
    /// Retries for a while if other transactions use the same items or the table is throttled,
    /// because both mean that nothing was written. Other failures are never retried here, because
    /// another try could write twice. The SDK's own retries repeat the same request with the same
    /// token, which DynamoDB executes once.
    pub(super) async fn commit(self, store: &Store) -> Result<Result<(), R>, StoreError> {
        self.send(store, TRANSACTION_TRIES_MAX, None).await
    }

    /// Makes all writes or none in one call, without the SDK's retries. The caller retries with
    /// other writes.
    pub(super) async fn commit_without_retries(self, store: &Store) -> Result<Result<(), R>, StoreError> {
        let once = Builder::default().retry_config(RetryConfig::disabled());
        self.send(store, 1, Some(once)).await
    }

    async fn send(self, store: &Store, tries_max: u32, config: Option<Builder>) -> Result<Result<(), R>, StoreError> {
        if self.writes.is_empty() {
            return Ok(Ok(()));
        }
        let Self { writes, contended } = self;
        let (items, refusals) = split(writes, &store.table)?;
        match store.transact(items, tries_max, config).await {
            Ok(()) => Ok(Ok(())),
            Err(Cancelled::Refused(failed)) => refusal_of(&failed, refusals).map(Err),
            Err(Cancelled::Failed(error) | Cancelled::Throttled(error)) => Err(error),
            Err(Cancelled::Contended) => match contended {
                Some(refusal) => Ok(Err(refusal)),
                None => Err(StoreError::Unavailable("other requests kept writing the same items".into())),
            },
        }
    }
}

impl<R> PendingWrite<R> {
    /// Makes the write on this condition.
    pub(super) fn when(self, condition: Condition) -> ConditionalWrite<R> {
        ConditionalWrite(self.0, Part::Write(self.1), condition)
    }

    /// Makes the write without a condition.
    pub(super) fn unconditionally(mut self) -> Transaction<R> {
        self.0.writes.push((Part::Write(self.1), None, None));
        self.0
    }
}

impl<R> PendingCheck<R> {
    /// Requires this condition.
    pub(super) fn when(self, condition: Condition) -> ConditionalWrite<R> {
        ConditionalWrite(self.0, Part::Check(self.1), condition)
    }
}

impl<R> ConditionalWrite<R> {
    /// Sets the refusal to return if the condition does not hold.
    pub(super) fn or(mut self, refusal: R) -> Transaction<R> {
        self.0.writes.push((self.1, Some(self.2), Some(refusal)));
        self.0
    }
}

impl Store {
    /// Sends a transaction until it is made, refused or failed, or was tried often enough.
    fn transact(
        &self,
        items: Vec<TransactWriteItem>,
        tries_max: u32,
        config: Option<Builder>,
    ) -> Call<'_, Result<(), Cancelled>> {
        Box::pin(async move {
            let mut last = Cancelled::Contended;
            for tried in 0..tries_max {
                clock::pause_before(tried).await;
                let request = self.client.transact_write_items().set_transact_items(Some(items.clone()));
                let sent = match &config {
                    Some(config) => request.customize().config_override(config.clone()).send().await,
                    None => request.send().await,
                };
                match sent.map_err(Cancelled::from) {
                    Ok(_) => return Ok(()),
                    Err(cancelled @ (Cancelled::Contended | Cancelled::Throttled(_))) => last = cancelled,
                    Err(cancelled) => return Err(cancelled),
                }
            }
            Err(last)
        })
    }
}

/// Returns the writes as DynamoDB takes them, and the refusal of each at the same index.
fn split<R>(
    writes: Vec<(Part, Option<Condition>, Option<R>)>,
    table: &str,
) -> Result<(Vec<TransactWriteItem>, Vec<Option<R>>), StoreError> {
    let with_refusal = |(part, condition, refusal): (Part, _, _)| Ok((part.in_transaction(condition, table)?, refusal));
    writes.into_iter().map(with_refusal).collect()
}

/// Returns the refusal of the first write whose condition failed.
fn refusal_of<R>(failed: &[bool], refusals: Vec<Option<R>>) -> Result<R, StoreError> {
    let first = failed.iter().zip(refusals).find(|(failed, _)| **failed);
    first.and_then(|(_, refusal)| refusal).ok_or_else(|| StoreError::corrupt("a write without a condition was refused"))
}

/// The reason why DynamoDB cancelled a transaction.
enum Cancelled {
    /// Conditions do not hold. Says for each write whether its condition failed.
    Refused(Vec<bool>),
    /// Another transaction was using one of the items.
    Contended,
    /// The table throttled the transaction. No write was made.
    Throttled(StoreError),
    /// Any other error.
    Failed(StoreError),
}

impl From<SdkError<TransactError>> for Cancelled {
    fn from(error: SdkError<TransactError>) -> Self {
        let codes: Vec<String> = match error.as_service_error() {
            Some(TransactError::TransactionCanceledException(cancelled)) => {
                let reasons = cancelled.cancellation_reasons().iter();
                reasons.map(|reason| reason.code().unwrap_or_default().to_owned()).collect()
            }
            _ => Vec::new(),
        };
        let failed: Vec<bool> = codes.iter().map(|code| code == "ConditionalCheckFailed").collect();
        let is = |wanted: &str| codes.iter().any(|code| code == wanted);
        if failed.contains(&true) {
            Self::Refused(failed)
        } else if is("TransactionConflict") {
            Self::Contended
        } else if is("ThrottlingError") || is("ProvisionedThroughputExceeded") {
            Self::Throttled(StoreError::Unavailable(Box::new(error)))
        } else {
            Self::Failed(error.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use aws_sdk_dynamodb::error::ErrorMetadata;
    use aws_sdk_dynamodb::types::error::TransactionCanceledException;
    use aws_sdk_dynamodb::types::{CancellationReason, ConditionCheck, Delete, Put};
    use aws_smithy_runtime_api::http::{Response, StatusCode};
    use aws_smithy_types::body::SdkBody;

    use super::super::condition::{absent, is, present};
    use super::super::item::number;
    use super::*;

    fn key(name: &str) -> Key {
        Key { pk: name.to_owned(), sk: "TEST".to_owned() }
    }

    /// The refusals of this transaction are the names of their items.
    fn head_technician_and_entry(before: Transaction<&'static str>) -> Transaction<&'static str> {
        before
            .put(key("head").to_item())
            .when(is("seq", number(7)))
            .or("head")
            .delete(key("waits"))
            .unconditionally()
            .check(key("technician"))
            .when(present())
            .or("technician")
            .put(key("entry").to_item())
            .when(absent())
            .or("entry")
    }

    fn with_a_write_in_front() -> Transaction<&'static str> {
        head_technician_and_entry(Transaction::new().check(key("admin")).when(present()).or("admin"))
    }

    /// Returns the partition key of the item that a write is about.
    fn name_of(write: &TransactWriteItem) -> String {
        let of_put = write.put().map(Put::item);
        let of_delete = write.delete().map(Delete::key);
        let of_check = write.condition_check().map(ConditionCheck::key);
        let key: &HashMap<_, _> = of_put.or(of_delete).or(of_check).unwrap();
        key["pk"].as_s().unwrap().clone()
    }

    /// Returns the refusal of a transaction if DynamoDB refuses the writes of these items.
    fn refusal(transaction: Transaction<&'static str>, refused: &[&str]) -> Result<&'static str, StoreError> {
        let (items, refusals) = split(transaction.writes, "table").unwrap();
        let reason = |item| {
            let code = if refused.contains(&name_of(item).as_str()) { "ConditionalCheckFailed" } else { "None" };
            CancellationReason::builder().code(code).build()
        };
        let Cancelled::Refused(failed) = Cancelled::from(cancelled(items.iter().map(reason).collect())) else {
            panic!("a failed condition is a refusal");
        };
        refusal_of(&failed, refusals)
    }

    fn cancelled(reasons: Vec<CancellationReason>) -> SdkError<TransactError> {
        let error = TransactionCanceledException::builder()
            .meta(ErrorMetadata::builder().code("TransactionCanceledException").build())
            .set_cancellation_reasons(Some(reasons))
            .build();
        let response = Response::new(StatusCode::try_from(400).unwrap(), SdkBody::empty());
        SdkError::service_error(TransactError::TransactionCanceledException(error), response)
    }

    #[test]
    fn a_write_in_front_changes_no_refusal() {
        for name in ["head", "technician", "entry"] {
            assert_eq!(refusal(head_technician_and_entry(Transaction::new()), &[name]).unwrap(), name);
            assert_eq!(refusal(with_a_write_in_front(), &[name]).unwrap(), name, "with a write in front");
        }
        assert_eq!(refusal(with_a_write_in_front(), &["admin"]).unwrap(), "admin");
    }

    #[test]
    fn the_first_write_in_the_list_gives_the_refusal() {
        for (refused, first) in [
            (&["entry", "head"][..], "head"),
            (&["entry", "technician"], "technician"),
            (&["entry", "technician", "head", "admin"], "admin"),
        ] {
            assert_eq!(refusal(with_a_write_in_front(), refused).unwrap(), first);
        }
    }

    #[test]
    fn a_refused_write_without_a_condition_is_a_fault() {
        let refused = refusal(head_technician_and_entry(Transaction::new()), &["waits"]);
        assert!(matches!(refused, Err(StoreError::Corrupt(_))));
    }

    #[test]
    fn a_failed_condition_counts_before_a_conflict_and_a_conflict_before_throttling() {
        let with = |codes: &[&str]| {
            Cancelled::from(cancelled(
                codes.iter().map(|code| CancellationReason::builder().code(*code).build()).collect(),
            ))
        };
        let (failed, conflict, throttled) = ("ConditionalCheckFailed", "TransactionConflict", "ThrottlingError");
        assert!(matches!(with(&[throttled, conflict, failed]), Cancelled::Refused(_)));
        assert!(matches!(with(&[throttled, conflict, "None"]), Cancelled::Contended));
        assert!(matches!(with(&[throttled, "None"]), Cancelled::Throttled(StoreError::Unavailable(_))));
        assert!(matches!(with(&["ValidationError"]), Cancelled::Failed(_)));
    }
}
