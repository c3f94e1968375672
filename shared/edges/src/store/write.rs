//! A write of one item, alone or as part of a transaction.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use super::condition::{Changes, Condition, Placeholders, absent};
use super::item::{is_condition_failure, ok_if_condition_met};
use super::keys::{Item, Key};
use super::{Store, StoreError};
use crate::aws::Call;

/// A write. The caller decides whether it has a condition.
#[derive(Debug)]
#[must_use]
pub(super) enum Write {
    /// Puts an item in place of any that has its key.
    Put(Item),
    /// Changes attributes of an item, and creates it if there is none.
    Update(Key, Changes),
    /// Deletes an item if there is one.
    Delete(Key),
}

/// Whether a write with a condition was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Written {
    /// The condition holds, and the write was made.
    Made,
    /// The condition does not hold, and nothing was written.
    Refused,
}

impl Written {
    /// Returns whether the write was made.
    pub(super) fn is_made(self) -> bool {
        self == Self::Made
    }

    /// Accepts both outcomes: a refusal means that nothing was left to write.
    pub(super) const fn either_way(self) {
        let (Self::Made | Self::Refused) = self;
    }
}

/// Sets what all builders of the SDK for writes have, although they share no trait: the table, the
/// condition, and the names and values of all expressions.
macro_rules! complete {
    ($builder:expr, $table:expr, $condition:expr, $placeholders:expr) => {
        $builder
            .table_name($table)
            .set_condition_expression($condition)
            .set_expression_attribute_names($placeholders.names())
            .set_expression_attribute_values($placeholders.values())
    };
}

impl Write {
    /// Returns the write that puts an item in place of any that has its key.
    pub(super) const fn put(item: Item) -> Self {
        Self::Put(item)
    }

    /// Returns the write that changes attributes of an item, and creates it if there is none.
    pub(super) const fn update(key: Key, changes: Changes) -> Self {
        Self::Update(key, changes)
    }

    /// Returns the write that deletes an item if there is one.
    pub(super) const fn delete(key: Key) -> Self {
        Self::Delete(key)
    }

    /// Returns the write as part of a transaction.
    pub(super) fn in_transaction(
        self,
        condition: Option<Condition>,
        table: &str,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut placeholders = Placeholders::default();
        let condition = condition.map(|condition| placeholders.condition(condition));
        let item = TransactWriteItem::builder();
        let item = match self {
            Self::Put(put) => {
                let builder = Put::builder().set_item(Some(put));
                item.put(complete!(builder, table, condition, placeholders).build().map_err(StoreError::corrupt)?)
            }
            Self::Update(key, changes) => {
                let changes = placeholders.changes(changes);
                let builder = Update::builder().set_key(Some(key.to_item())).update_expression(changes);
                item.update(complete!(builder, table, condition, placeholders).build().map_err(StoreError::corrupt)?)
            }
            Self::Delete(key) => {
                let builder = Delete::builder().set_key(Some(key.to_item()));
                item.delete(complete!(builder, table, condition, placeholders).build().map_err(StoreError::corrupt)?)
            }
        };
        Ok(item.build())
    }
}

/// Returns the check of an item that is not written, as part of a transaction.
pub(super) fn check_in_transaction(
    key: &Key,
    condition: Option<Condition>,
    table: &str,
) -> Result<TransactWriteItem, StoreError> {
    let mut placeholders = Placeholders::default();
    let condition = condition.map(|condition| placeholders.condition(condition));
    let builder = ConditionCheck::builder().set_key(Some(key.to_item()));
    let check = complete!(builder, table, condition, placeholders).build().map_err(StoreError::corrupt)?;
    Ok(TransactWriteItem::builder().condition_check(check).build())
}

impl Store {
    /// Makes one write by itself, without a condition.
    pub(super) async fn write(&self, write: Write) -> Result<(), StoreError> {
        match self.send_write(write, None).await? {
            Written::Made => Ok(()),
            Written::Refused => Err(StoreError::corrupt("a write without a condition was refused")),
        }
    }

    /// Makes one write by itself if the item meets the condition.
    pub(super) async fn write_if(&self, write: Write, condition: Condition) -> Result<Written, StoreError> {
        self.send_write(write, Some(condition)).await
    }

    fn send_write(&self, write: Write, condition: Option<Condition>) -> Call<'_, Result<Written, StoreError>> {
        Box::pin(self.send_one(write, condition))
    }

    async fn send_one(&self, write: Write, condition: Option<Condition>) -> Result<Written, StoreError> {
        let mut placeholders = Placeholders::default();
        let condition = condition.map(|condition| placeholders.condition(condition));
        let (client, table) = (&self.client, &self.table);
        let made = match write {
            Write::Put(item) => {
                let request = client.put_item().set_item(Some(item));
                ok_if_condition_met(complete!(request, table, condition, placeholders).send().await)?.is_some()
            }
            Write::Update(key, changes) => {
                let changes = placeholders.changes(changes);
                let request = client.update_item().set_key(Some(key.to_item())).update_expression(changes);
                ok_if_condition_met(complete!(request, table, condition, placeholders).send().await)?.is_some()
            }
            Write::Delete(key) => {
                let request = client.delete_item().set_key(Some(key.to_item()));
                ok_if_condition_met(complete!(request, table, condition, placeholders).send().await)?.is_some()
            }
        };
        Ok(if made { Written::Made } else { Written::Refused })
    }

    /// Puts an item under a key of its own, such as one with a random id. If the item is already
    /// there, an earlier try of the SDK put it and its response was lost.
    pub(super) fn put_new(&self, item: Item) -> Call<'static, Result<(), StoreError>> {
        let mut placeholders = Placeholders::default();
        let condition = Some(placeholders.condition(absent()));
        let request = self.client.put_item().set_item(Some(item.clone()));
        let request = complete!(request, &self.table, condition, placeholders)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        Box::pin(async move {
            let error = match request.send().await {
                Ok(_) => return Ok(()),
                Err(error) if is_condition_failure(&error) => error.into_service_error(),
                Err(error) => return Err(error.into()),
            };
            match error {
                PutItemError::ConditionalCheckFailedException(failed) if failed.item.as_ref() == Some(&item) => Ok(()),
                _ => Err(StoreError::corrupt("the key of a new item is taken")),
            }
        })
    }

    /// Changes an item if it meets the condition. Otherwise returns the item as it is, if there is
    /// one.
    pub(super) fn update_or_find(
        &self,
        key: &Key,
        changes: Changes,
        condition: Condition,
    ) -> Call<'static, Result<Result<(), Option<Item>>, StoreError>> {
        let mut placeholders = Placeholders::default();
        let condition = Some(placeholders.condition(condition));
        let changes = placeholders.changes(changes);
        let request = self.client.update_item().set_key(Some(key.to_item())).update_expression(changes);
        let request = complete!(request, &self.table, condition, placeholders)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        Box::pin(async {
            match request.send().await {
                Ok(_) => Ok(Ok(())),
                Err(error) if is_condition_failure(&error) => Ok(Err(match error.into_service_error() {
                    UpdateItemError::ConditionalCheckFailedException(failed) => failed.item,
                    _ => None,
                })),
                Err(error) => Err(error.into()),
            }
        })
    }
}
