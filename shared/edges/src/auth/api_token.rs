//! API tokens as their holders have them: `hd_` and 91 characters, stored only as hashes.
//!
//! Behind the prefix, in base64url, are the user's id (16 bytes), the token's id (16), an
//! unguessable part (32 random), and a checksum of all this (4). The prefix and the checksum let a
//! scanner recognise a leaked token without asking the help desk, and a mistyped one is refused
//! without reading the table.

use std::fmt;

use domain::id::{TokenId, UserId};
use sha2::{Digest as _, Sha256};

use super::TokenHash;
use super::encoding::{from_base64url, to_base64url};
use crate::clock;

/// The beginning of every API token, and of no access token: a JWT has no `_` before its first dot
/// unless its header does, and ours begins with `ey`.
pub const API_TOKEN_PREFIX: &str = "hd_";

const ID_BYTES: usize = 16;
/// 256 random bits (OWASP ASVS 5.0 11.5.1 requires 128).
const SECRET_BYTES: usize = 32;
/// The first bytes of the SHA-256 of the prefix and everything before the checksum. One mistake in
/// four thousand million passes, and is refused by the table.
const CHECKSUM_BYTES: usize = 4;
const PLAIN_BYTES: usize = 2 * ID_BYTES + SECRET_BYTES;
const TOKEN_BYTES: usize = PLAIN_BYTES + CHECKSUM_BYTES;

/// The credentials of an API token.
#[derive(Clone)]
pub struct ApiTokenSecret {
    /// The user of the token.
    pub user_id: UserId,
    /// The id of the token.
    pub token_id: TokenId,
    secret: [u8; SECRET_BYTES],
}

impl ApiTokenSecret {
    /// Creates a new secret for a token.
    #[must_use]
    pub fn new(user_id: UserId, token_id: TokenId) -> Self {
        Self { user_id, token_id, secret: clock::random() }
    }

    /// Parses the text of an issued token.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(API_TOKEN_PREFIX)?;
        let bytes: [u8; TOKEN_BYTES] = from_base64url(encoded)?;
        let (plain, checksum) = bytes.split_at(PLAIN_BYTES);
        if checksum != checksum_of(plain) {
            return None;
        }
        let (user_id, rest) = plain.split_first_chunk()?;
        let (token_id, rest) = rest.split_first_chunk()?;
        let (secret, _) = rest.split_first_chunk()?;
        Some(Self { user_id: UserId::from_bytes(*user_id), token_id: TokenId::from_bytes(*token_id), secret: *secret })
    }

    /// Returns the text to issue.
    #[must_use]
    pub fn to_text(&self) -> String {
        let parts: [&[u8]; 3] = [self.user_id.as_bytes(), self.token_id.as_bytes(), &self.secret];
        let plain = parts.concat();
        let checksum = checksum_of(&plain);
        format!("{API_TOKEN_PREFIX}{}", to_base64url(&[&plain, &checksum]))
    }

    /// Returns the hash that is stored.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.secret)
    }
}

fn checksum_of(plain: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let digest = Sha256::new().chain_update(API_TOKEN_PREFIX).chain_update(plain).finalize();
    std::array::from_fn(|place| digest[place])
}

impl fmt::Debug for ApiTokenSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ApiTokenSecret({}, …)", self.token_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> ApiTokenSecret {
        let (user_id, token_id) = (UserId::from_bytes([1; 16]), TokenId::from_bytes([2; 16]));
        ApiTokenSecret { user_id, token_id, secret: [3; SECRET_BYTES] }
    }

    /// The form is a contract with scanners: it never changes.
    #[test]
    fn the_text_of_a_token_is_stable() {
        let text = secret().to_text();
        assert_eq!(
            text,
            "hd_AQEBAQEBAQEBAQEBAQEBAQICAgICAgICAgICAgICAgIDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw0WXuc"
        );
        let read = ApiTokenSecret::parse(&text).unwrap();
        assert_eq!((read.user_id, read.token_id, read.hash()), (secret().user_id, secret().token_id, secret().hash()));
    }

    #[test]
    fn a_token_is_parsed_only_from_its_exact_text() {
        let text = ApiTokenSecret::new(secret().user_id, secret().token_id).to_text();
        assert!(ApiTokenSecret::parse(&text).is_some());
        for place in 0..text.len() {
            for other in ['A', 'B', '_', '.', '='] {
                let mut changed: Vec<char> = text.chars().collect();
                if std::mem::replace(&mut changed[place], other) != other {
                    let changed: String = changed.into_iter().collect();
                    assert!(ApiTokenSecret::parse(&changed).is_none(), "{changed}");
                }
            }
            assert!(ApiTokenSecret::parse(&text[..place]).is_none(), "{place}");
        }
        for other in [format!("{text}A"), format!("{text}="), format!(" {text}"), format!("hd_{text}")] {
            assert!(ApiTokenSecret::parse(&other).is_none(), "{other}");
        }
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let shown = format!("{:?}", secret());
        assert!(shown.ends_with(", …)") && !shown.contains("Aw"), "{shown}");
    }
}
