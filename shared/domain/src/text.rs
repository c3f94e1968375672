//! Texts with their limits: checked once, at the edge, and only then a value of these types.
//!
//! A text is data. It is kept exactly as it was sent: nothing is trimmed, folded or escaped.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::field::{Faults, FromField};

/// The title of a ticket.
pub type Title = Line<150>;
/// What somebody needs help with.
pub type Description = Prose<10_000>;
/// What somebody says on a ticket.
pub type CommentBody = Prose<10_000>;
/// What staff note on a ticket among themselves.
pub type NoteBody = Prose<10_000>;
/// How a ticket was resolved.
pub type Resolution = Prose<2_000>;
/// Why somebody released, reopened, closed or withdrew a ticket.
pub type Reason = Prose<2_000>;
/// The kind of help a ticket asks for, in the team's own words.
pub type Category = Line<50>;
/// A word to find tickets by.
pub type Tag = Line<30>;
/// What a webhook is for.
pub type WebhookDescription = Line<200>;
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
        check(&text, MAX, |character| character.is_control() || is_line_separator(character))?;
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
        check(&text, MAX, |character| character.is_control() && !matches!(character, '\n' | '\r' | '\t'))?;
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
    if text.chars().all(is_invisible) {
        return Err("must not be blank".to_owned());
    }
    match text.chars().find(|character| refused(*character)) {
        Some(character) => Err(format!("must not contain the character U+{:04X}", u32::from(character))),
        None => Ok(()),
    }
}

/// U+2028 and U+2029 end a line without being control characters.
const fn is_line_separator(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}')
}

/// White space, and the characters of no width that a text could otherwise consist of.
fn is_invisible(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

impl<const MAX: usize> FromField for Line<MAX> {
    fn from_field(value: Value) -> Result<Self, Faults> {
        Ok(Self::parse(String::from_field(value)?)?)
    }
}

impl<const MAX: usize> FromField for Prose<MAX> {
    fn from_field(value: Value) -> Result<Self, Faults> {
        Ok(Self::parse(String::from_field(value)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_count_characters_not_bytes() {
        assert!(Title::parse("ä".repeat(150)).is_ok());
        assert_eq!(Title::parse("ä".repeat(151)).unwrap_err(), "must be at most 150 characters, and is 151");
        assert!(Description::parse("🖨".repeat(10_000)).is_ok());
        assert!(Description::parse("🖨".repeat(10_001)).is_err());
    }

    #[test]
    fn a_text_of_nothing_that_can_be_seen_is_blank() {
        for blank in
            ["", " ", "\t", "\n", "\u{a0}", "\u{2028}", "\u{3000}", "\u{200b}\u{feff}", " \u{200d}\u{2060}\u{200f} "]
        {
            assert_eq!(Title::parse(blank.to_owned()).unwrap_err(), "must not be blank", "{blank:?}");
            assert_eq!(Description::parse(blank.to_owned()).unwrap_err(), "must not be blank", "{blank:?}");
        }
        for seen in [".", "\u{200b}a", "👩\u{200d}🔧"] {
            assert!(Title::parse(seen.to_owned()).is_ok(), "{seen:?}");
            assert!(Description::parse(seen.to_owned()).is_ok(), "{seen:?}");
        }
    }

    /// What a line and what prose says of a character in the midst of a text: `-` where it takes it, or the one it refuses.
    const CHARACTERS: &str = "
        character  line    prose
        0000       U+0000  U+0000
        0009       U+0009  -
        000A       U+000A  -
        000D       U+000D  -
        001B       U+001B  U+001B
        0020       -       -
        007F       U+007F  U+007F
        0085       U+0085  U+0085
        00A0       -       -
        200D       -       -
        2028       U+2028  -
        2029       U+2029  -
        202E       -       -
        1F5A8      -       -";

    #[test]
    fn characters_that_control_or_end_lines_are_refused_by_name() {
        for line in CHARACTERS.trim().lines().skip(1) {
            let row: Vec<&str> = line.split_whitespace().collect();
            let character = char::from_u32(u32::from_str_radix(row[0], 16).unwrap()).unwrap();
            let text = format!("a{character}b");
            for (answer, cell) in [(Title::parse(text.clone()).err(), row[1]), (Description::parse(text).err(), row[2])]
            {
                let expected = (cell != "-").then(|| format!("must not contain the character {cell}"));
                assert_eq!(answer, expected, "{line}");
            }
        }
    }

    #[test]
    fn texts_are_kept_as_they_were_sent() {
        let text = "  <b>it's</b> \u{202e} 'x'; DROP TABLE—  ";
        assert_eq!(Title::parse(text.to_owned()).unwrap().as_str(), text);
    }
}
