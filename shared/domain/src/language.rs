//! The languages of mails.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::field::{Faults, FromField};

/// A language that mails are written in, by its tag (RFC 5646).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    #[default]
    #[serde(rename = "en")]
    English,
    /// Portuguese as it is written in Brazil.
    #[serde(rename = "pt-BR")]
    BrazilianPortuguese,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::BrazilianPortuguese];

    /// Returns the tag.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::BrazilianPortuguese => "pt-BR",
        }
    }
}

impl FromField for Language {
    fn from_field(value: Value) -> Result<Self, Faults> {
        let tag = String::from_field(value)?;
        let named = Self::ALL.into_iter().find(|language| language.as_str() == tag);
        named.ok_or_else(|| "must be one of en, pt-BR".to_owned().into())
    }
}
