//! Refresh tokens: opaque, replaced when used, stored only as hashes.
//!
//! A token consists, in base64url, of the user's id (16 bytes), the session's id (16), a part that
//! all tokens of that session share (16 random), and a part of its own (32). The shared part
//! distinguishes a token that was used before, which ends the session, from a made-up one, which
//! must not end any session.
//!
//! The own part of a session's first token is random. That of each further token is derived from
//! the token before and a nonce of that rotation, which the session stores. So the answer to a
//! rotation can be given again without storing a token: who holds the token before and asks in time
//! gets the same next one. Each rotation has its own nonce. With one nonce for the whole session, a
//! reader of the table who has one old token could derive all later ones.

use std::fmt;

use aws_lc_rs::hmac;
use domain::field::{Fields, Violations};
use domain::id::{SessionId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::TokenHash;
use super::encoding::{from_base64url, to_base64url};
use crate::clock;

/// How long a session lasts, in seconds, however often it is refreshed: 30 days (OWASP ASVS 5.0
/// 10.4.8 requires an end).
pub const SESSION_SECONDS: i64 = 30 * 24 * 60 * 60;

/// How long after a rotation, in seconds, the token that was replaced is still answered, with the
/// token that replaced it. A device whose answer was lost has that long to ask again.
pub const OVERLAP_SECONDS: i64 = 10;
/// How long a token is answered with itself, in seconds, before its use replaces it. That is as
/// long again as the overlap: an answer that was given at its end and arrives late still arrives
/// before any answer with a later token.
pub const REST_SECONDS: i64 = 2 * OVERLAP_SECONDS;

const ID_BYTES: usize = 16;
const FAMILY_BYTES: usize = 16;
/// 256 random bits (OWASP ASVS 5.0 11.5.1 requires 128).
const SECRET_BYTES: usize = 32;
const TOKEN_BYTES: usize = 2 * ID_BYTES + FAMILY_BYTES + SECRET_BYTES;
/// What a next token's own part is derived for. Another form of the derivation gets another name.
const DERIVATION: &[u8] = b"helpdesk-refresh-1";

/// The random part of one rotation.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct RotationNonce([u8; RotationNonce::BYTES]);

impl RotationNonce {
    /// 128 random bits, in which no two rotations collide.
    const BYTES: usize = 16;

    /// Returns the nonce of a new rotation.
    #[must_use]
    pub fn random() -> Self {
        Self(clock::random())
    }
}

impl fmt::Debug for RotationNonce {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RotationNonce(…)")
    }
}

impl From<RotationNonce> for String {
    fn from(nonce: RotationNonce) -> Self {
        to_base64url(&[&nonce.0])
    }
}

impl TryFrom<String> for RotationNonce {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        from_base64url(&text).map(Self).ok_or("a stored nonce must be 16 bytes in base64url")
    }
}

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

    /// Returns the token that follows this one in the rotation with that nonce: always the same
    /// one. Its own part is HMAC-SHA256 (RFC 2104) under the own part of this token, so it tells
    /// nothing to a reader of hashes and nonces.
    #[must_use]
    pub fn next(&self, nonce: &RotationNonce) -> Self {
        // Every part has a fixed length, so no two inputs have the same bytes.
        let input = [DERIVATION, self.user_id.as_bytes(), self.session_id.as_bytes(), &nonce.0].concat();
        let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.secret), &input);
        let mut secret = [0; SECRET_BYTES];
        secret.copy_from_slice(derived.as_ref());
        Self { secret, ..self.clone() }
    }

    /// Parses the text of an issued token.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; TOKEN_BYTES] = from_base64url(text)?;
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
        to_base64url(&[self.user_id.as_bytes(), self.session_id.as_bytes(), &self.family, &self.secret])
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
    fn the_next_token_shares_only_the_family_and_is_the_same_for_a_nonce() {
        let (first, nonce) = (token(), RotationNonce([3; 16]));
        let next = first.next(&nonce);
        assert_eq!((next.user_id, next.session_id), (first.user_id, first.session_id));
        assert_eq!(first.family_hash(), next.family_hash());
        assert_ne!(first.token_hash(), next.token_hash());
        assert_eq!(first.next(&nonce).to_text(), next.to_text());
    }

    #[test]
    fn the_next_token_depends_on_the_secret_the_nonce_and_the_session() {
        let (first, nonce) = (token(), RotationNonce([3; 16]));
        let next = first.next(&nonce).token_hash();
        assert_ne!(first.next(&RotationNonce([4; 16])).token_hash(), next);
        assert_ne!(token().next(&nonce).token_hash(), next);
        for other in [
            RefreshToken { user_id: UserId::from_bytes([9; 16]), ..first.clone() },
            RefreshToken { session_id: SessionId::from_bytes([9; 16]), ..first.clone() },
        ] {
            assert_ne!(other.next(&nonce).token_hash(), next, "{other:?}");
        }
    }

    /// A function of the next version derives the same token.
    #[test]
    fn the_derivation_never_changes() {
        let first = RefreshToken { family: [5; FAMILY_BYTES], secret: [6; SECRET_BYTES], ..token() };
        let next = first.next(&RotationNonce([3; 16]));
        assert_eq!(to_base64url(&[&next.secret]), "MV8ZIOSu08FEonqDJ1FhDjzfw2-riuUczHD5GLoEQ5w");
    }

    #[test]
    fn a_nonce_is_parsed_only_from_its_exact_text() {
        let nonce = RotationNonce::random();
        assert_eq!(RotationNonce::try_from(String::from(nonce)), Ok(nonce));
        for other in [String::new(), "x".repeat(21), format!("{}A", String::from(nonce))] {
            assert!(RotationNonce::try_from(other.clone()).is_err(), "{other}");
        }
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let token = token();
        let shown = format!("{token:?}");
        assert!(!token.to_text().contains(&shown) && shown.ends_with(", …)"), "{shown}");
        assert_eq!(format!("{:?}", RotationNonce([3; 16])), "RotationNonce(…)");
    }
}
