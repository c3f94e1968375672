//! What addresses are hashed with in logs. It is in the table alone, so whoever reads logs can tell whether two lines speak of the
//! same address, and cannot find out which by hashing addresses they guess.

use std::fmt;

use aws_lc_rs::hmac;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::item::unless_refused;
use super::keys::{Item, Key};
use super::{Store, StoreError};
use crate::clock;

/// The attribute it stands in.
const SECRET: &str = "secret";
/// Its length in bytes: as long as what it makes (RFC 2104 §3).
const SECRET_BYTES: usize = 32;
/// How many bytes of a hash are shown: 128 bits, which no two addresses of a desk have in common.
const SHOWN_BYTES: usize = 16;

/// The key that addresses are hashed with.
pub(super) struct LogSecret(hmac::Key);

impl LogSecret {
    fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    fn hash(&self, email: &str) -> String {
        let hash = hmac::sign(&self.0, email.as_bytes());
        URL_SAFE_NO_PAD.encode(&hash.as_ref()[..SHOWN_BYTES])
    }
}

impl fmt::Debug for LogSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LogSecret(…)")
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_hash_under_one_secret_and_another_under_another() {
        let (one, other) = (LogSecret::new(&[1; SECRET_BYTES]), LogSecret::new(&[2; SECRET_BYTES]));
        assert_eq!(one.hash("ana@example.org"), one.hash("ana@example.org"));
        assert_ne!(one.hash("ana@example.org"), one.hash("bea@example.org"));
        assert_ne!(one.hash("ana@example.org"), other.hash("ana@example.org"));
        assert_eq!(one.hash("ana@example.org").len(), 22);
    }
}
