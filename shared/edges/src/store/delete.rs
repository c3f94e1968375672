//! Deleting many items.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};
use serde::de::DeserializeOwned;

use super::item::{BATCH_TRIES_MAX, from_item};
use super::keys::{Item, PK, SK};
use super::query::KeyRange;
use super::{Store, StoreError};
use crate::aws::Call;
use crate::clock;

/// The maximum number of items per `BatchWriteItem` (DynamoDB developer guide, "Quotas").
const ITEMS_PER_WRITE: usize = 25;

impl Store {
    /// Deletes the items of a range of the table for which `ends` returns true.
    ///
    /// # Errors
    /// If it fails, some may have been deleted. Another call deletes the rest.
    pub(super) async fn delete_those<T: DeserializeOwned>(
        &self,
        range: &KeyRange,
        ends: impl Fn(&T) -> bool,
    ) -> Result<(), StoreError> {
        let mut start: Option<Item> = None;
        loop {
            let found = self.query_once(range, &[], start, ITEMS_PER_WRITE).await?;
            let mut deletes = Vec::new();
            for item in found.items {
                let delete = delete(&item)?;
                if ends(&from_item(item)?) {
                    deletes.push(delete);
                }
            }
            self.write_batch(deletes).await?;
            match found.unread {
                Some(next) => start = Some(next),
                None => return Ok(()),
            }
        }
    }

    fn write_batch(&self, deletes: Vec<WriteRequest>) -> Call<'_, Result<(), StoreError>> {
        Box::pin(async move {
            if deletes.is_empty() {
                return Ok(());
            }
            let mut left = HashMap::from([(self.table.clone(), deletes)]);
            for tried in 0..BATCH_TRIES_MAX {
                clock::pause_before(tried).await;
                let request = self.client.batch_write_item().set_request_items(Some(left));
                left = request.send().await?.unprocessed_items.unwrap_or_default();
                if left.is_empty() {
                    return Ok(());
                }
            }
            Err(StoreError::Unavailable("deletes were left unprocessed".into()))
        })
    }
}

/// Returns the request to delete this item.
fn delete(item: &Item) -> Result<WriteRequest, StoreError> {
    let key = [PK, SK].into_iter().filter_map(|name| Some((name.to_owned(), item.get(name)?.clone()))).collect();
    let delete = DeleteRequest::builder().set_key(Some(key)).build().map_err(StoreError::corrupt)?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}
