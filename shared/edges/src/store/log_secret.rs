//! The key for hashing addresses in logs. It is stored only in the table. So a reader of the logs
//! can see whether two lines are about the same address, but cannot find the address by hashing
//! guesses.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The length of the key in bytes: that of the hash (RFC 2104 §3).
pub(super) const SECRET_BYTES: usize = 32;
/// The number of bytes of a hash that are shown: 128 bits, in which no two addresses of a help desk
/// collide.
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
    fn an_address_hash_depends_on_the_secret() {
        let (one, other) = (LogSecret::new(&[1; SECRET_BYTES]), LogSecret::new(&[2; SECRET_BYTES]));
        assert_eq!(one.hash("ana@example.org"), one.hash("ana@example.org"));
        assert_ne!(one.hash("ana@example.org"), one.hash("bea@example.org"));
        assert_ne!(one.hash("ana@example.org"), other.hash("ana@example.org"));
        assert_eq!(one.hash("ana@example.org").len(), 22);
    }
}
