//! Addresses as they stand in logs.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use super::item::unless_refused;
use super::keys::{Item, Key};
use super::log_secret::{LogSecret, SECRET_BYTES};
use super::{Store, StoreError};
use crate::clock;

/// The attribute that the secret stands in.
const SECRET: &str = "secret";

impl Store {
    /// The hash that stands for that normalised address in logs. None if the table does not answer: an answer to a caller does not
    /// fail for want of a field in the log.
    pub async fn address_hash(&self, normalised_email: &str) -> Option<String> {
        if self.log_secret.get().is_none() {
            match self.read_log_secret().await {
                Ok(secret) => drop(self.log_secret.set(secret)),
                Err(error) => tracing::warn!(error = %error, "addresses are not hashed for the log"),
            }
        }
        self.log_secret.get().map(|secret| secret.hash(normalised_email))
    }

    /// The secret of this deployment. The first who asks makes it.
    async fn read_log_secret(&self) -> Result<LogSecret, StoreError> {
        let key = Key::log_secret();
        if let Some(secret) = secret_in(&self.batch_get(vec![key.clone()]).await?) {
            return Ok(secret);
        }
        let mut item = key.to_item();
        let secret = clock::random::<SECRET_BYTES>();
        item.insert(SECRET.to_owned(), AttributeValue::B(Blob::new(secret)));
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        unless_refused(put.condition_expression("attribute_not_exists(pk)").send().await)?;
        // Read again: somebody else may have been first, and where an answer was lost that was us.
        secret_in(&self.batch_get(vec![key]).await?).ok_or_else(|| StoreError::corrupt("there is no log secret"))
    }
}

fn secret_in(items: &[Item]) -> Option<LogSecret> {
    items.first()?.get(SECRET)?.as_b().ok().map(|secret| LogSecret::new(secret.as_ref()))
}
