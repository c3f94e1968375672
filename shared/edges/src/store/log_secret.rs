//! What addresses are hashed with in logs. It is in the table alone, so whoever reads logs can tell whether two lines speak of the
//! same address, and cannot find out which by hashing addresses they guess.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Its length in bytes: as long as what it makes (RFC 2104 §3).
pub(super) const SECRET_BYTES: usize = 32;
/// How many bytes of a hash are shown: 128 bits, which no two addresses of a desk have in common.
const SHOWN_BYTES: usize = 16;

/// The key that addresses are hashed with.
pub(super) struct LogSecret(hmac::Key);

impl LogSecret {
    pub(super) fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    pub(super) fn hash(&self, email: &str) -> String {
        let hash = hmac::sign(&self.0, email.as_bytes());
        URL_SAFE_NO_PAD.encode(&hash.as_ref()[..SHOWN_BYTES])
    }
}

impl fmt::Debug for LogSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LogSecret(…)")
    }
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
