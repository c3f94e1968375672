//! Refresh tokens: opaque, valid for one use, stored only as hashes.
//!
//! A token consists, in base64url, of the user's id (16 bytes), the session's id (16), a part that
//! all tokens of that session share (16 random), and a part of its own (32 random). The shared part
//! distinguishes a token that was used before, which ends the session, from a made-up one, which
//! must not end any session.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::field::{Fields, Violations};
use domain::id::{SessionId, UserId};
use serde_json::Value;

use super::TokenHash;
use crate::clock;

/// How long a session lasts, in seconds, however often it is refreshed: 30 days (OWASP ASVS 5.0
/// 10.4.8 requires an end).
pub const SESSION_SECONDS: i64 = 30 * 24 * 60 * 60;

const ID_BYTES: usize = 16;
const FAMILY_BYTES: usize = 16;
/// 256 random bits (OWASP ASVS 5.0 11.5.1 requires 128).
const SECRET_BYTES: usize = 32;
const TOKEN_BYTES: usize = 2 * ID_BYTES + FAMILY_BYTES + SECRET_BYTES;

/// A refresh token in the form that its holder has.
#[derive(Clone)]
pub struct RefreshToken {
    /// The user of the token.
    pub user_id: UserId,
    /// The session of the token.
    pub session_id: SessionId,
    family: [u8; FAMILY_BYTES],
    secret: [u8; SECRET_BYTES],
}

impl RefreshToken {
    /// Returns the first token of a new session.
    #[must_use]
    pub fn begin(user_id: UserId, session_id: SessionId) -> Self {
        Self { user_id, session_id, family: clock::random(), secret: clock::random() }
    }

    /// Returns the token that follows this one.
    #[must_use]
    pub fn next(&self) -> Self {
        Self { secret: clock::random(), ..self.clone() }
    }

    /// Parses the text of an issued token.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; TOKEN_BYTES];
        let written = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        if written != TOKEN_BYTES {
            return None;
        }
        let (user_id, rest) = bytes.split_first_chunk()?;
        let (session_id, rest) = rest.split_first_chunk()?;
        let (family, rest) = rest.split_first_chunk()?;
        let (secret, _) = rest.split_first_chunk()?;
        Some(Self {
            user_id: UserId::from_bytes(*user_id),
            session_id: SessionId::from_bytes(*session_id),
            family: *family,
            secret: *secret,
        })
    }

    /// Reads the body of a request that contains a token. Returns `None` if its content does not
    /// have the form of an issued token.
    pub fn from_body(body: Value) -> Result<Option<Self>, Violations> {
        let text: String = Fields::read(body, |fields| fields.required("refresh_token"))?;
        Ok(Self::parse(&text))
    }

    /// Returns the text to issue.
    #[must_use]
    pub fn to_text(&self) -> String {
        let parts: [&[u8]; 4] = [self.user_id.as_bytes(), self.session_id.as_bytes(), &self.family, &self.secret];
        URL_SAFE_NO_PAD.encode(parts.concat())
    }

    /// Returns the hash of the part that all tokens of the session share.
    #[must_use]
    pub fn family_hash(&self) -> TokenHash {
        TokenHash::of(&self.family)
    }

    /// Returns the hash of the token's own part.
    #[must_use]
    pub fn token_hash(&self) -> TokenHash {
        TokenHash::of(&self.secret)
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RefreshToken({}, …)", self.session_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> RefreshToken {
        RefreshToken::begin(UserId::from_bytes([1; 16]), SessionId::from_bytes([2; 16]))
    }

    #[test]
    fn a_token_is_parsed_only_from_its_exact_text() {
        let token = token();
        let text = token.to_text();
        let read = RefreshToken::parse(&text).unwrap();
        assert_eq!((read.user_id, read.session_id), (token.user_id, token.session_id));
        assert_eq!((read.family_hash(), read.token_hash()), (token.family_hash(), token.token_hash()));
        let longer = format!("{text}AAAA");
        for other in ["", " ", &text[1..], &longer, &text.replace(&text[..1], "*")] {
            assert!(RefreshToken::parse(other).is_none(), "{other:?}");
        }
    }

    #[test]
    fn the_next_token_shares_only_the_family() {
        let first = token();
        let next = first.next();
        assert_eq!(first.family_hash(), next.family_hash());
        assert_ne!(first.token_hash(), next.token_hash());
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let token = token();
        let shown = format!("{token:?}");
        assert!(!token.to_text().contains(&shown) && shown.ends_with(", …)"), "{shown}");
    }
}
