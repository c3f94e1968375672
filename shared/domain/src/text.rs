//! Texts with their limits: checked once, at the edge, and only then a value of these types.
//!
//! A text is data. It is kept exactly as it was sent: nothing is trimmed, folded or escaped.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::field::{Fault, FromField};

/// The title of a ticket.
pub type Title = Line<150>;
/// What somebody needs help with.
pub type Description = Prose<10_000>;
/// What somebody says on a ticket.
pub type CommentBody = Prose<10_000>;
/// How a ticket was resolved.
pub type Resolution = Prose<2_000>;
/// Why somebody released, reopened, closed or withdrew a ticket.
pub type Reason = Prose<2_000>;
/// The kind of help a ticket asks for, in the team's own words.
pub type Category = Line<50>;
/// A word to find tickets by.
pub type Tag = Line<30>;
/// How a person is called.
pub type PersonName = Line<100>;

/// One line of text: not blank, no control characters, at most `MAX` characters (Unicode scalar values).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Line<const MAX: usize>(String);

/// Text of several lines: not blank, no control characters but tab and line ends, at most `MAX` characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prose<const MAX: usize>(String);

impl<const MAX: usize> Line<MAX> {
    /// The text as a line.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(text: String) -> Result<Self, String> {
        check(&text, MAX, char::is_control)?;
        Ok(Self(text))
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> Prose<MAX> {
    /// The text as prose.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(text: String) -> Result<Self, String> {
        check(&text, MAX, |character| {
            character.is_control() && !matches!(character, '\n' | '\r' | '\t')
        })?;
        Ok(Self(text))
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check(text: &str, max: usize, refused: impl Fn(char) -> bool) -> Result<(), String> {
    let length = text.chars().count();
    if length > max {
        return Err(format!("must be at most {max} characters, and is {length}"));
    }
    if text.trim().is_empty() {
        return Err("must not be blank".to_owned());
    }
    match text.chars().find(|character| refused(*character)) {
        Some(character) => Err(format!(
            "must not contain the control character U+{:04X}",
            u32::from(character)
        )),
        None => Ok(()),
    }
}

impl<const MAX: usize> FromField for Line<MAX> {
    fn from_field(value: Value) -> Result<Self, Fault> {
        Ok(Self::parse(String::from_field(value)?)?)
    }
}

impl<const MAX: usize> FromField for Prose<MAX> {
    fn from_field(value: Value) -> Result<Self, Fault> {
        Ok(Self::parse(String::from_field(value)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_count_characters_not_bytes() {
        assert!(Title::parse("ä".repeat(150)).is_ok());
        assert_eq!(
            Title::parse("ä".repeat(151)).unwrap_err(),
            "must be at most 150 characters, and is 151"
        );
        assert!(Description::parse("🖨".repeat(10_000)).is_ok());
        assert!(Description::parse("🖨".repeat(10_001)).is_err());
    }

    #[test]
    fn blank_and_control_characters_are_refused_with_a_reason() {
        for blank in ["", " ", "\u{3000}"] {
            assert_eq!(Title::parse(blank.to_owned()).unwrap_err(), "must not be blank");
        }
        assert_eq!(
            Title::parse("a\nb".to_owned()).unwrap_err(),
            "must not contain the control character U+000A"
        );
        assert_eq!(
            Description::parse("a\u{0}b".to_owned()).unwrap_err(),
            "must not contain the control character U+0000"
        );
        assert!(Description::parse("a\r\n\tb".to_owned()).is_ok());
    }

    #[test]
    fn texts_are_kept_as_they_were_sent() {
        let text = "  <b>it's</b> \u{202e} 'x'; DROP TABLE—  ";
        assert_eq!(Title::parse(text.to_owned()).unwrap().as_str(), text);
    }
}
