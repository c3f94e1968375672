//! Items: written, read by key, and put on a condition.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Display;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{AttributeValue, Delete, KeysAndAttributes, Put, TransactWriteItem};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::Cancelled;
use super::keys::{Item, Key, TRACE};
use super::{Store, StoreError};
use crate::{clock, telemetry};

/// How often a transaction is tried: those it collides with take milliseconds, and the last waits are long enough for a table to
/// make room.
pub(super) const TRANSACTION_TRIES_MAX: u32 = 6;
/// How often what a throttled table left of a batch is asked for again.
pub(super) const BATCH_TRIES_MAX: u32 = 8;

/// A value as an item. What is absent takes no room, and an index key that is absent must not be there at all.
pub(super) fn to_item(value: &impl Serialize) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(StoreError::corrupt)?;
    item.retain(|_, attribute| !attribute.is_null());
    Ok(item)
}

/// The value an item holds.
pub(super) fn from_item<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(StoreError::corrupt)
}

/// Takes the item of that key out of those that were read.
pub(super) fn take(items: &mut Vec<Item>, key: &Key) -> Option<Item> {
    let place = items.iter().position(|item| key.is_of(item));
    place.map(|index| items.swap_remove(index))
}

/// About how many bytes an item has: those of its names and values.
pub(super) fn bytes_of(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + bytes_of_value(value)).sum()
}

fn bytes_of_value(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.len(),
        AttributeValue::L(values) => values.iter().map(bytes_of_value).sum(),
        AttributeValue::M(values) => bytes_of(values),
        _ => 1,
    }
}

/// The item of something that happened, with the trace of whoever did it, which the table's stream hands on.
pub(super) fn traced(mut item: Item) -> Item {
    item.extend(telemetry::current().map(|trace| (TRACE.to_owned(), text(trace.header()))));
    item
}

/// A text as an attribute.
pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number as an attribute.
pub(super) fn number(value: impl Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// What came of a write on a condition; nothing if the condition did not hold.
pub(super) fn unless_refused<T, E>(sent: Result<T, SdkError<E>>) -> Result<Option<T>, StoreError>
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    match sent {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if is_refused(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether a write did not happen because its condition did not hold.
pub(super) fn is_refused<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    code == Some("ConditionalCheckFailedException")
}

impl Store {
    /// A put of something that happened, as part of a transaction.
    pub(super) fn put_event(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        self.put_new(traced(item))
    }

    /// A put that a transaction makes only if there is no such item yet.
    pub(super) fn put_new(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(StoreError::corrupt)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Puts an item, if it is not there yet. Returns whether it did.
    pub(super) async fn put_once(&self, item: Item) -> Result<bool, StoreError> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let sent = put.condition_expression("attribute_not_exists(pk)").send().await;
        Ok(unless_refused(sent)?.is_some())
    }

    /// Makes all of these writes, or none. Tries again for a while if other transactions are at work on the same items, or the table
    /// has no room: both say that nothing was done. A failure that does not say so is never tried again here, because another try
    /// could do it twice; the SDK's own repeat the same request, by its token, which DynamoDB does once.
    pub(super) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<(), Cancelled> {
        let mut last = Cancelled::Contended;
        for tried in 0..TRANSACTION_TRIES_MAX {
            clock::pause_before(tried).await;
            let request = self.client.transact_write_items().set_transact_items(Some(writes.clone()));
            match request.send().await.map(drop).map_err(Cancelled::from) {
                Ok(()) => return Ok(()),
                Err(cancelled @ (Cancelled::Contended | Cancelled::Throttled(_))) => last = cancelled,
                Err(cancelled) => return Err(cancelled),
            }
        }
        Err(last)
    }

    /// Deletes an item. False if there was none. In a transaction, because the SDK repeats that under the same token: an answer that was
    /// lost is not taken for an item that was not there.
    pub(super) async fn delete(&self, key: &Key) -> Result<bool, StoreError> {
        match self.transact(vec![self.deleting(key)?]).await {
            Ok(()) => Ok(true),
            Err(Cancelled::ConditionFailed(_)) => Ok(false),
            Err(cancelled) => Err(cancelled.into()),
        }
    }

    /// The write that deletes an item, if there is one.
    pub(super) fn deleting(&self, key: &Key) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key.to_item()))
            .condition_expression("attribute_exists(pk)")
            .build()
            .map_err(StoreError::corrupt)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    pub(super) async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let request = self.client.get_item().table_name(&self.table);
        let request = request.set_key(Some(key.to_item())).consistent_read(true);
        Ok(request.send().await?.item)
    }

    /// The items of these keys, in no order, as they were written last.
    pub(super) async fn batch_get(&self, keys: Vec<Key>) -> Result<Vec<Item>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys.iter().map(Key::to_item).collect()))
            .consistent_read(true)
            .build()
            .map_err(StoreError::corrupt)?;
        let mut left = HashMap::from([(self.table.clone(), wanted)]);
        let mut items = Vec::new();
        for tried in 0..BATCH_TRIES_MAX {
            clock::pause_before(tried).await;
            let answer = self.client.batch_get_item().set_request_items(Some(left)).send().await?;
            items.extend(answer.responses.and_then(|mut answers| answers.remove(&self.table)).unwrap_or_default());
            // DynamoDB leaves keys unprocessed only when the table is throttled.
            left = answer.unprocessed_keys.unwrap_or_default();
            if left.is_empty() {
                return Ok(items);
            }
        }
        Err(StoreError::Unavailable("keys were left unprocessed".into()))
    }
}
