//! Unsubscribe tokens: the holder of a mail can end the mails with its token, and do nothing else.

use std::fmt;
use std::str::FromStr;

use domain::id::UserId;
use serde::{Deserialize, Serialize};

use super::encoding::{from_hex, to_hex};

/// A user's unsubscribe key: 128 random bits, the same in all their mails.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct UnsubscribeKey([u8; Self::BYTES]);

impl UnsubscribeKey {
    /// The length in bytes.
    pub const BYTES: usize = 16;

    /// Returns the key of these random bytes.
    #[must_use]
    pub const fn new(random: [u8; Self::BYTES]) -> Self {
        Self(random)
    }
}

impl fmt::Debug for UnsubscribeKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("UnsubscribeKey(…)")
    }
}

impl fmt::Display for UnsubscribeKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&to_hex(self.0))
    }
}

impl From<UnsubscribeKey> for String {
    fn from(key: UnsubscribeKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for UnsubscribeKey {
    type Error = InvalidUnsubscribeToken;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        from_hex(&text).map(Self).ok_or(InvalidUnsubscribeToken)
    }
}

/// The token in a mail's `List-Unsubscribe`: the user and their key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsubscribeToken {
    /// The user who receives the mails.
    pub user_id: UserId,
    pub key: UnsubscribeKey,
}

/// An error: the text is not an unsubscribe token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an unsubscribe token")]
pub struct InvalidUnsubscribeToken;

impl fmt::Display for UnsubscribeToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.user_id, self.key)
    }
}

impl FromStr for UnsubscribeToken {
    type Err = InvalidUnsubscribeToken;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (user_id, key) = text.split_once('.').ok_or(InvalidUnsubscribeToken)?;
        let user_id = user_id.parse().map_err(|_| InvalidUnsubscribeToken)?;
        Ok(Self { user_id, key: key.to_owned().try_into()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_text_of_a_token_is_parsed() {
        let token = UnsubscribeToken { user_id: UserId::from_bytes([1; 16]), key: UnsubscribeKey::new([0; 16]) };
        let text = token.to_string();
        assert_eq!(text.parse(), Ok(token));
        for wrong in [
            "",
            ".",
            &text[1..],
            &text[..text.len() - 1],
            &format!("{text}0"),
            &text.replace('.', ""),
            &text.replace(".0", ".+"),
        ] {
            assert_eq!(wrong.parse::<UnsubscribeToken>(), Err(InvalidUnsubscribeToken), "{wrong}");
        }
    }
}
