//! A write of one item, alone or as part of a transaction.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use super::condition::{Changes, Condition, Placeholders};
use super::item::{is_refused, unless_refused};
use super::keys::{Item, Key};
use super::{Store, StoreError};

/// A write, which may have a condition.
#[derive(Debug)]
#[must_use]
pub(super) struct Write {
    action: Action,
    condition: Option<Condition>,
}

#[derive(Debug)]
enum Action {
    Put(Item),
    Update(Key, Changes),
    Delete(Key),
    /// Writes nothing. Only transactions have this.
    Check(Key),
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
    const fn new(action: Action) -> Self {
        Self { action, condition: None }
    }

    /// Returns the write that puts an item in place of any that has its key.
    pub(super) const fn put(item: Item) -> Self {
        Self::new(Action::Put(item))
    }

    /// Returns the write that changes attributes of an item, and creates it if there is none.
    pub(super) const fn update(key: Key, changes: Changes) -> Self {
        Self::new(Action::Update(key, changes))
    }

    /// Returns the write that deletes an item if there is one.
    pub(super) const fn delete(key: Key) -> Self {
        Self::new(Action::Delete(key))
    }

    /// Returns the check of an item that is not written, as part of a transaction.
    pub(super) const fn check(key: Key) -> Self {
        Self::new(Action::Check(key))
    }

    /// Makes the write only if the item meets the condition.
    pub(super) fn when(self, condition: Condition) -> Self {
        Self { condition: Some(condition), ..self }
    }

    /// Returns the write as part of a transaction.
    pub(super) fn in_transaction(self, table: &str) -> Result<TransactWriteItem, StoreError> {
        let mut placeholders = Placeholders::default();
        let condition = self.condition.map(|condition| placeholders.condition(condition));
        let item = TransactWriteItem::builder();
        let item = match self.action {
            Action::Put(put) => {
                let builder = Put::builder().set_item(Some(put));
                item.put(complete!(builder, table, condition, placeholders).build().map_err(StoreError::corrupt)?)
            }
            Action::Update(key, changes) => {
                let changes = placeholders.changes(changes);
                let builder = Update::builder().set_key(Some(key.to_item())).update_expression(changes);
                item.update(complete!(builder, table, condition, placeholders).build().map_err(StoreError::corrupt)?)
            }
            Action::Delete(key) => {
                let builder = Delete::builder().set_key(Some(key.to_item()));
                item.delete(complete!(builder, table, condition, placeholders).build().map_err(StoreError::corrupt)?)
            }
            Action::Check(key) => {
                let builder = ConditionCheck::builder().set_key(Some(key.to_item()));
                let check = complete!(builder, table, condition, placeholders).build();
                item.condition_check(check.map_err(StoreError::corrupt)?)
            }
        };
        Ok(item.build())
    }
}

impl Store {
    /// Makes one write by itself. Returns false if its condition does not hold.
    pub(super) async fn write(&self, write: Write) -> Result<bool, StoreError> {
        let mut placeholders = Placeholders::default();
        let condition = write.condition.map(|condition| placeholders.condition(condition));
        let (client, table) = (&self.client, &self.table);
        let written = match write.action {
            Action::Put(item) => {
                let request = client.put_item().set_item(Some(item));
                unless_refused(complete!(request, table, condition, placeholders).send().await)?.is_some()
            }
            Action::Update(key, changes) => {
                let changes = placeholders.changes(changes);
                let request = client.update_item().set_key(Some(key.to_item())).update_expression(changes);
                unless_refused(complete!(request, table, condition, placeholders).send().await)?.is_some()
            }
            Action::Delete(key) => {
                let request = client.delete_item().set_key(Some(key.to_item()));
                unless_refused(complete!(request, table, condition, placeholders).send().await)?.is_some()
            }
            Action::Check(_) => return Err(StoreError::corrupt("a check is part of a transaction")),
        };
        Ok(written)
    }

    /// Changes an item if it meets the condition. Otherwise returns the item as it is, if there is
    /// one.
    pub(super) async fn update_or_find(
        &self,
        key: &Key,
        changes: Changes,
        condition: Condition,
    ) -> Result<Result<(), Option<Item>>, StoreError> {
        let mut placeholders = Placeholders::default();
        let condition = Some(placeholders.condition(condition));
        let changes = placeholders.changes(changes);
        let request = self.client.update_item().set_key(Some(key.to_item())).update_expression(changes);
        let request = complete!(request, &self.table, condition, placeholders)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match request.send().await {
            Ok(_) => Ok(Ok(())),
            Err(error) if is_refused(&error) => Ok(Err(match error.into_service_error() {
                UpdateItemError::ConditionalCheckFailedException(failed) => failed.item,
                _ => None,
            })),
            Err(error) => Err(error.into()),
        }
    }
}
