//! Registration tokens: mailed to the address that someone asked to register, valid for one use,
//! stored only as hashes.
//!
//! A token is `r.` and then, in base64url, the id of the request (16 bytes) and an unguessable part
//! (32 random). A reset token has no dot, so neither can be taken for the other.

use std::fmt;

use domain::id::EventId;

use super::TokenHash;
use super::encoding::{from_base64url, to_base64url};
use crate::clock;

/// How long a token is valid, in seconds: a day. A person who registers may read the mail only in
/// the evening, and until then nothing can be done with it but create the account that its owner
/// asked for.
pub const REGISTRATION_SECONDS: i64 = 24 * 60 * 60;

const PREFIX: &str = "r.";
const ID_BYTES: usize = 16;
/// 256 random bits (OWASP ASVS 5.0 11.5.1 requires 128).
const SECRET_BYTES: usize = 32;

/// A registration token in the form that its holder has.
#[derive(Clone)]
pub struct RegistrationToken {
    /// The request that it completes.
    pub request: EventId,
    secret: [u8; SECRET_BYTES],
}

impl RegistrationToken {
    /// Creates a new token for that request.
    #[must_use]
    pub fn new(request: EventId) -> Self {
        Self { request, secret: clock::random() }
    }

    /// Parses the text of a mailed token.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; ID_BYTES + SECRET_BYTES] = from_base64url(text.strip_prefix(PREFIX)?)?;
        let (request, rest) = bytes.split_first_chunk()?;
        let (secret, _) = rest.split_first_chunk()?;
        Some(Self { request: EventId::from_bytes(*request), secret: *secret })
    }

    /// Returns the text to mail.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{PREFIX}{}", to_base64url(&[self.request.as_bytes(), &self.secret]))
    }

    /// Returns the hash that is stored.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.secret)
    }
}

impl fmt::Debug for RegistrationToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RegistrationToken({}, …)", self.request)
    }
}

#[cfg(test)]
mod tests {
    use domain::id::UserId;

    use super::*;
    use crate::auth::reset::ResetToken;

    #[test]
    fn a_token_is_parsed_only_from_its_exact_text() {
        let token = RegistrationToken::new(EventId::from_bytes([1; 16]));
        let text = token.to_text();
        let read = RegistrationToken::parse(&text).unwrap();
        assert_eq!((read.request, read.hash()), (token.request, token.hash()));
        for other in ["", "r.", &text[1..], &text[2..], &format!("{text}AAAA"), &format!("{text} ")] {
            assert!(RegistrationToken::parse(other).is_none(), "{other:?}");
        }
    }

    #[test]
    fn neither_kind_of_token_is_taken_for_the_other() {
        let registration = RegistrationToken::new(EventId::from_bytes([1; 16])).to_text();
        assert!(ResetToken::parse(&registration).is_none());
        let reset = ResetToken::new(UserId::from_bytes([1; 16])).to_text();
        assert!(RegistrationToken::parse(&reset).is_none());
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let token = RegistrationToken::new(EventId::from_bytes([1; 16]));
        assert!(format!("{token:?}").ends_with(", …)"));
    }
}
