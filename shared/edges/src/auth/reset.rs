//! Reset tokens: mailed to users who forgot their password, and to people who are invited. Valid for
//! one use, within ten minutes or seven days, and stored only as hashes.
//!
//! A token consists, in base64url, of the user's id (16 bytes) and an unguessable part (32 random).

use std::fmt;

use domain::id::UserId;

use super::TokenHash;
use super::encoding::{from_base64url, to_base64url};
use crate::clock;

/// How long a token is valid, in seconds: 10 minutes (OWASP ASVS 5.0 6.5.5 allows no more).
pub const RESET_SECONDS: i64 = 10 * 60;

/// How long the token of an invitation is valid, in seconds: 7 days. It takes no account over: no
/// one has used the account yet.
pub const INVITATION_SECONDS: i64 = 7 * 24 * 60 * 60;

const ID_BYTES: usize = 16;
/// 256 random bits (OWASP ASVS 5.0 11.5.1 requires 128).
const SECRET_BYTES: usize = 32;

/// A reset token in the form that its holder has.
#[derive(Clone)]
pub struct ResetToken {
    /// The user whose password the token may set.
    pub user_id: UserId,
    secret: [u8; SECRET_BYTES],
}

impl ResetToken {
    /// Creates a new token for that user.
    #[must_use]
    pub fn new(user_id: UserId) -> Self {
        Self { user_id, secret: clock::random() }
    }

    /// Parses the text of a mailed token.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; ID_BYTES + SECRET_BYTES] = from_base64url(text)?;
        let (user_id, rest) = bytes.split_first_chunk()?;
        let (secret, _) = rest.split_first_chunk()?;
        Some(Self { user_id: UserId::from_bytes(*user_id), secret: *secret })
    }

    /// Returns the text to mail.
    #[must_use]
    pub fn to_text(&self) -> String {
        to_base64url(&[self.user_id.as_bytes(), &self.secret])
    }

    /// Returns the hash that is stored.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.secret)
    }
}

impl fmt::Debug for ResetToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ResetToken({}, …)", self.user_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_parsed_only_from_its_exact_text() {
        let token = ResetToken::new(UserId::from_bytes([1; 16]));
        let text = token.to_text();
        let read = ResetToken::parse(&text).unwrap();
        assert_eq!((read.user_id, read.hash()), (token.user_id, token.hash()));
        for other in ["", " ", &text[1..], &format!("{text}AAAA"), &format!("{text} "), &text.replace(&text[..1], "*")]
        {
            assert!(ResetToken::parse(other).is_none(), "{other:?}");
        }
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let token = ResetToken::new(UserId::from_bytes([1; 16]));
        assert!(format!("{token:?}").ends_with(", …)"));
    }
}
