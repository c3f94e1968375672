//! Responses stored under an idempotency key. A repeated request is replayed: it gets the same
//! response and does nothing.
//!
//! ```text
//! request ──▶ is there a response for this caller and key that is not older than a day?
//!               yes, to the same request:    replay that response
//!               yes, to another request:     refuse the request
//!               no: decide, and commit change and response in one transaction, on condition that
//!                   there still is no response; the loser of that race starts over and finds the
//!                   winner's response
//! ```

use domain::id::UserId;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::condition::{absent, any, at_most};
use super::item::{from_item, item_at, number};
use super::keys::{EXPIRES_AT, Key};
use super::transaction::Transaction;
use super::{CommitError, Store, StoreError};
use crate::auth::TokenHash;

/// How long a response is kept, in seconds: 24 hours, as the contract says.
const KEPT_SECONDS: i64 = 24 * 60 * 60;

/// An idempotency key with its caller and request.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    /// The caller. Keys of different callers never collide.
    pub actor: UserId,
    /// The hash of the key. Callers choose keys of any kind.
    pub key: TokenHash,
    /// The hash of method, path and body.
    pub request: TokenHash,
    /// When the request came. Responses that had expired by then no longer count.
    pub at: Timestamp,
}

/// A stored response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredResponse {
    pub status: u16,
    /// The headers specific to the response.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: String,
}

/// The item stored under a key.
#[derive(Serialize, Deserialize)]
struct ReplayItem {
    request_hash: TokenHash,
    answer: StoredResponse,
    expires_at: i64,
}

/// The reason why there is no response to replay.
#[derive(Debug)]
pub enum ReplayError {
    /// The key was used before with another request.
    Reused,
    /// The table could not be read.
    Store(StoreError),
}

impl From<StoreError> for ReplayError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Store {
    /// Returns the response that the same request got before, if any.
    pub async fn replay(&self, key: &IdempotencyKey) -> Result<Option<StoredResponse>, ReplayError> {
        let item = self.get(&Key::replay(key.actor, &key.key)).await?;
        let stored: Option<ReplayItem> = item.map(from_item).transpose()?;
        // DynamoDB removes an expired item within days, not at once.
        let Some(stored) = stored.filter(|stored| stored.expires_at > key.at.unix_seconds()) else {
            return Ok(None);
        };
        if stored.request_hash == key.request { Ok(Some(stored.answer)) } else { Err(ReplayError::Reused) }
    }

    /// Stores the response to a request that changed nothing. Returns false if one is stored
    /// already.
    pub async fn store_response(&self, key: &IdempotencyKey, answer: &StoredResponse) -> Result<bool, StoreError> {
        Ok(Transaction::new().store_response(Some((key, answer)))?.commit(self).await?.is_ok())
    }
}

impl Transaction<CommitError> {
    /// Stores the response under an idempotency key, if there is one, on condition that none is
    /// stored.
    pub(super) fn store_response(self, stored: Option<(&IdempotencyKey, &StoredResponse)>) -> Result<Self, StoreError> {
        let Some((key, answer)) = stored else {
            return Ok(self);
        };
        let expires_at = key.at.plus_seconds(KEPT_SECONDS).unix_seconds();
        let stored = ReplayItem { request_hash: key.request.clone(), answer: answer.clone(), expires_at };
        let item = item_at(&Key::replay(key.actor, &key.key), &stored)?;
        let none_counts = any([absent(), at_most(EXPIRES_AT, number(key.at.unix_seconds()))]);
        Ok(self.put(item).when(none_counts).or(CommitError::AlreadyStored))
    }
}
