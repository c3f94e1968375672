//! Items: converted, and read by key.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Display;
use std::str::FromStr;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::keys::{Item, Key, TRACE};
use super::{Store, StoreError};
use crate::aws::Call;
use crate::{clock, telemetry};

/// The number of tries to read the rest of a batch that a throttled table left unprocessed.
pub(super) const BATCH_TRIES_MAX: u32 = 8;

/// The consistency of a read (DynamoDB developer guide, "Read consistency").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consistency {
    /// Sees every write that succeeded before, at twice the price. Indexes do not support it.
    Strong,
    /// May miss the most recent writes.
    Eventual,
}

/// Converts a value to an item. Absent fields are left out: they take no room, and an absent index
/// key must not be present at all.
pub(super) fn to_item(value: &impl Serialize) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(StoreError::corrupt)?;
    item.retain(|_, attribute| !attribute.is_null());
    Ok(item)
}

/// Converts a value to the item of a key.
pub(super) fn item_at(key: &Key, value: &impl Serialize) -> Result<Item, StoreError> {
    let mut item = to_item(value)?;
    item.extend(key.to_item());
    Ok(item)
}

/// Reads a value from an item.
pub(super) fn from_item<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(StoreError::corrupt)
}

/// Removes the item of `key` from those that were read, and returns it.
pub(super) fn take(items: &mut Vec<Item>, key: &Key) -> Option<Item> {
    let place = items.iter().position(|item| key.is_of(item));
    place.map(|index| items.swap_remove(index))
}

/// Returns the approximate size of an item in bytes: the sum of its names and values.
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

/// Adds the trace of the current request to the item of an event. The table's stream passes it on.
pub(super) fn traced(mut item: Item) -> Item {
    item.extend(telemetry::current().map(|trace| (TRACE.to_owned(), text(trace.header()))));
    item
}

/// Returns a text attribute.
pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// Returns a number attribute.
pub(super) fn number(value: impl Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Returns the number in an attribute, if there is one.
pub(super) fn number_in<T: FromStr>(item: &Item, attribute: &str) -> Option<T> {
    item.get(attribute)?.as_n().ok()?.parse().ok()
}

/// Returns the outcome of a conditional write, or `None` if the condition failed.
pub(super) fn ok_if_condition_met<T, E>(sent: Result<T, SdkError<E>>) -> Result<Option<T>, StoreError>
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    match sent {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if is_condition_failure(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Returns whether a write was refused because its condition failed.
pub(super) fn is_condition_failure<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    code == Some("ConditionalCheckFailedException")
}

impl Store {
    /// Reads the item of a key with strong consistency.
    pub(super) fn get(&self, key: &Key) -> Call<'static, Result<Option<Item>, StoreError>> {
        self.get_with(key, Consistency::Strong)
    }

    /// Reads the item of a key.
    pub(super) fn get_with(
        &self,
        key: &Key,
        consistency: Consistency,
    ) -> Call<'static, Result<Option<Item>, StoreError>> {
        let strong = consistency == Consistency::Strong;
        let request = self.client.get_item().table_name(&self.table);
        let request = request.set_key(Some(key.to_item())).consistent_read(strong);
        Box::pin(async { Ok(request.send().await?.item) })
    }

    /// Reads the items of these keys, in no particular order, with strong consistency.
    pub(super) fn batch_get(&self, keys: Vec<Key>) -> Call<'_, Result<Vec<Item>, StoreError>> {
        self.batch_get_with(keys, Consistency::Strong)
    }

    /// Reads the items of these keys, in no particular order.
    pub(super) fn batch_get_with(
        &self,
        keys: Vec<Key>,
        consistency: Consistency,
    ) -> Call<'_, Result<Vec<Item>, StoreError>> {
        Box::pin(self.read_batch(keys, consistency))
    }

    async fn read_batch(&self, keys: Vec<Key>, consistency: Consistency) -> Result<Vec<Item>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys.iter().map(Key::to_item).collect()))
            .consistent_read(consistency == Consistency::Strong)
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
