//! Verification tokens: mailed to the new address of an account, valid for one use, stored only as
//! hashes. A token is the user's id, a dot and 128 random bits in hexadecimal. It is part of a path.

use std::fmt;
use std::str::FromStr;

use domain::id::UserId;

use super::TokenHash;
use super::encoding::{from_hex, to_hex};
use crate::clock;

/// How long a token is valid, in seconds: a week, because an admin asked for it and the person may
/// be away. It does nothing but give the account an address that the admin chose.
pub const VERIFICATION_SECONDS: i64 = 7 * 24 * 60 * 60;

/// 128 random bits (OWASP ASVS 5.0 11.5.1).
const SECRET_BYTES: usize = 16;

/// A verification token in the form that its holder has.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailToken {
    /// The user whose new address it verifies.
    pub user_id: UserId,
    secret: [u8; SECRET_BYTES],
}

/// An error: the text is not a verification token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a verification token")]
pub struct InvalidEmailToken;

impl EmailToken {
    /// Creates a new token for that user.
    #[must_use]
    pub fn new(user_id: UserId) -> Self {
        Self { user_id, secret: clock::random() }
    }

    /// Returns the path of the page that verifies the address.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/v1/auth/email/verify/{self}")
    }

    /// Returns the hash that is stored.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.secret)
    }
}

impl fmt::Display for EmailToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.user_id, to_hex(self.secret))
    }
}

impl fmt::Debug for EmailToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "EmailToken({}, …)", self.user_id)
    }
}

impl FromStr for EmailToken {
    type Err = InvalidEmailToken;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (user_id, secret) = text.split_once('.').ok_or(InvalidEmailToken)?;
        let user_id = user_id.parse().map_err(|_| InvalidEmailToken)?;
        Ok(Self { user_id, secret: from_hex(secret).ok_or(InvalidEmailToken)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_text_of_a_token_is_parsed() {
        let token = EmailToken::new(UserId::from_bytes([1; 16]));
        let text = token.to_string();
        assert_eq!(text.parse(), Ok(token.clone()));
        for wrong in ["", ".", &text[1..], &text[..text.len() - 1], &format!("{text}0"), &text.replace('.', "")] {
            assert_eq!(wrong.parse::<EmailToken>(), Err(InvalidEmailToken), "{wrong}");
        }
        assert!(format!("{token:?}").ends_with(", …)"));
    }
}
