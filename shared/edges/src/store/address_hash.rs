//! Hashes of addresses for logs.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use super::condition::absent;
use super::keys::{Item, Key};
use super::log_secret::{LogSecret, SECRET_BYTES};
use super::write::Write;
use super::{Store, StoreError};
use crate::clock;

/// The attribute that holds the secret.
const SECRET: &str = "secret";

impl Store {
    /// Returns the hash of a normalised address for logs. Returns `None` if the table does not
    /// respond, because a request must not fail for lack of a log field.
    pub async fn address_hash(&self, normalised_email: &str) -> Option<String> {
        if self.log_secret.get().is_none() {
            match self.read_log_secret().await {
                Ok(secret) => drop(self.log_secret.set(secret)),
                Err(error) => tracing::warn!(error = %error, "addresses are not hashed for the log"),
            }
        }
        self.log_secret.get().map(|secret| secret.hash(normalised_email))
    }

    /// Returns the secret of this deployment. The first caller creates it.
    async fn read_log_secret(&self) -> Result<LogSecret, StoreError> {
        let key = Key::log_secret();
        if let Some(secret) = secret_in(&self.batch_get(vec![key.clone()]).await?) {
            return Ok(secret);
        }
        let mut item = key.to_item();
        let secret = clock::random::<SECRET_BYTES>();
        item.insert(SECRET.to_owned(), AttributeValue::B(Blob::new(secret)));
        self.write_if(Write::put(item), absent()).await?.either_way();
        // Reads again, because a concurrent call may have been first, or this one was and its
        // response was lost.
        secret_in(&self.batch_get(vec![key]).await?).ok_or_else(|| StoreError::corrupt("there is no log secret"))
    }
}

fn secret_in(items: &[Item]) -> Option<LogSecret> {
    items.first()?.get(SECRET)?.as_b().ok().map(|secret| LogSecret::new(secret.as_ref()))
}
