//! Hashes of random secrets.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The SHA-256 of a value, in base64url. It is stored instead of random secrets, which need no
/// salt, and stands for texts of any length in keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TokenHash(String);

impl TokenHash {
    /// Returns the hash of a secret.
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(Sha256::digest(secret)))
    }
}

impl From<TokenHash> for String {
    fn from(hash: TokenHash) -> Self {
        hash.0
    }
}

impl TryFrom<String> for TokenHash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_hash = URL_SAFE_NO_PAD.decode(&text).is_ok_and(|bytes| bytes.len() == Sha256::output_size());
        is_hash.then_some(Self(text)).ok_or("a stored hash must be SHA-256 in base64url")
    }
}

impl fmt::Display for TokenHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_parsed_only_from_its_exact_text() {
        let hash = TokenHash::of(b"secret");
        assert_eq!(TokenHash::try_from(hash.to_string()), Ok(hash.clone()));
        for other in [String::new(), format!("{hash}="), hash.0[1..].to_owned(), format!("{hash}A"), "x".repeat(44)] {
            assert!(TokenHash::try_from(other.clone()).is_err(), "{other}");
        }
    }
}
