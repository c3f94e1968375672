//! Texts with limits on their length and characters.
//!
//! `parse` checks the limits for all input ([`FromField`] calls it). Stored text is read back as it
//! is: it met the limits at the time it was written, and a limit introduced since then does not
//! make it unreadable.
//!
//! A text is data. It is kept exactly as it was sent: nothing is trimmed, folded or escaped. Where
//! two texts are compared, [`comparison_form`] returns the form to compare.

use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::field::{Faults, FromField};
use crate::normal::nfc;

/// The title of a ticket.
pub type Title = Line<150>;
/// The description of the help needed.
pub type Description = Prose<10_000>;
/// The text of a public comment.
pub type CommentBody = Prose<10_000>;
/// The text of an internal note of staff.
pub type NoteBody = Prose<10_000>;
/// The resolution of a ticket.
pub type Resolution = Prose<2_000>;
/// The reason why a ticket was released, reopened, closed or withdrawn.
pub type Reason = Prose<2_000>;
/// The kind of help needed, in the team's own words.
pub type Category = Line<50>;
/// A word to find tickets by.
pub type Tag = Line<30>;
/// The purpose of a webhook.
pub type WebhookDescription = Line<200>;
/// The name of an API token.
pub type TokenName = Line<100>;
/// The name of a person.
pub type PersonName = Line<100>;

/// One line of text: not blank, no control characters, at most `MAX` characters (Unicode scalar
/// values).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Line<const MAX: usize>(String);

/// Text of several lines: not blank, no control characters except tabs and line ends, at most `MAX`
/// characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Prose<const MAX: usize>(String);

impl<const MAX: usize> Line<MAX> {
    /// The maximum length in characters.
    pub const CHARACTERS_MAX: usize = MAX;

    /// Parses a line.
    ///
    /// # Errors
    /// Returns a sentence that says what is wrong with it.
    pub fn parse(text: String) -> Result<Self, String> {
        check(&text, MAX, |character| character.is_control() || is_line_separator(character))?;
        Ok(Self(text))
    }

    /// Wraps one of the help desk's own texts. A test checks each of them against the limits.
    pub(crate) const fn from_desk(text: String) -> Self {
        Self(text)
    }

    /// Wraps a stored text, whatever the present limits are.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the form in which the text is compared: see [`comparison_form`].
    #[must_use]
    pub fn comparison_form(&self) -> String {
        comparison_form(&self.0)
    }
}

impl<const MAX: usize> Prose<MAX> {
    /// The maximum length in characters.
    pub const CHARACTERS_MAX: usize = MAX;

    /// Parses prose.
    ///
    /// # Errors
    /// Returns a sentence that says what is wrong with it.
    pub fn parse(text: String) -> Result<Self, String> {
        check(&text, MAX, |character| character.is_control() && !matches!(character, '\n' | '\r' | '\t'))?;
        Ok(Self(text))
    }

    /// Wraps one of the help desk's own texts. A test checks each of them against the limits.
    pub(crate) const fn from_desk(text: String) -> Self {
        Self(text)
    }

    /// Wraps a stored text, whatever the present limits are.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check(text: &str, max: usize, refused: impl Fn(char) -> bool) -> Result<(), String> {
    let length = text.chars().count();
    if length > max {
        return Err(format!("must be at most {max} characters long, but is {length}"));
    }
    if text.chars().all(is_invisible) {
        return Err("must not be blank".to_owned());
    }
    match text.chars().find(|character| refused(*character)) {
        Some(character) => Err(format!("must not contain the character U+{:04X}", u32::from(character))),
        None => Ok(()),
    }
}

/// Returns the form in which words are compared, so that two that look the same are equal. It is in
/// lower case and composed (NFC), without invisible characters, with a single space between words
/// and none around them. The function is idempotent.
///
/// It is not case-folded. Heads are stored with this form of their words, and verification checks
/// them against it, so a different form would report stored heads as altered. So `straße` and
/// `STRASSE` differ.
#[must_use]
pub fn comparison_form(text: &str) -> String {
    let words = text.split_whitespace().map(|word| word.chars().filter(|character| !is_invisible(*character)));
    let words: Vec<String> = words.map(Iterator::collect::<String>).filter(|word| !word.is_empty()).collect();
    // Composed twice, because some letters have a lower case only when composed, and a lower case
    // may compose in turn.
    nfc(&nfc(&words.join(" ")).to_lowercase()).into_owned()
}

/// Returns the text without the invisible characters at its ends, which are often pasted or typed
/// along with it.
#[must_use]
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(is_invisible)
}

/// Returns whether the character is U+2028 or U+2029, which end a line but are not control
/// characters.
const fn is_line_separator(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}')
}

/// Returns whether a character is invisible by itself: white space (`White_Space`), what every font
/// leaves out (`Default_Ignorable_Code_Point`, Unicode Standard Annex #44), the blank Braille
/// pattern (U+2800), and the annotation marks (U+FFF9 to U+FFFB). Next to other characters they
/// stay in a text: the joiner in an emoji is one of them.
fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '\u{2800}' | '\u{fff9}'..='\u{fffb}')
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
}

impl<'de, const MAX: usize> Deserialize<'de> for Line<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from_stored)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Prose<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from_stored)
    }
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
    fn limits_count_characters_rather_than_bytes() {
        assert!(Title::parse("ä".repeat(150)).is_ok());
        assert_eq!(Title::parse("ä".repeat(151)).unwrap_err(), "must be at most 150 characters long, but is 151");
        assert!(Description::parse("🖨".repeat(10_000)).is_ok());
        assert!(Description::parse("🖨".repeat(10_001)).is_err());
    }

    #[test]
    fn a_text_of_only_invisible_characters_is_blank() {
        for blank in ["", " ", "\t", "\n", " \u{200d}\u{2060}\u{200f} ", "\u{3164}\u{a0}\u{3164}", "\u{2800} \u{fff9}"]
        {
            assert_eq!(Title::parse(blank.to_owned()).unwrap_err(), "must not be blank", "{blank:?}");
            assert_eq!(Description::parse(blank.to_owned()).unwrap_err(), "must not be blank", "{blank:?}");
        }
        for seen in [".", "\u{200b}a", "👩\u{200d}🔧", "❤\u{fe0f}", "\u{3164}a", "\u{202e}a", "⠁"] {
            assert!(Title::parse(seen.to_owned()).is_ok(), "{seen:?}");
            assert!(Description::parse(seen.to_owned()).is_ok(), "{seen:?}");
        }
    }

    /// The invisible code points, as ranges of the first and the last. From
    /// `DerivedCoreProperties.txt` (`Default_Ignorable_Code_Point`) and `PropList.txt`
    /// (`White_Space`) of the Unicode Character Database, and four more.
    const INVISIBLE: [(u32, u32); 24] = [
        (0x0009, 0x000d),
        (0x0020, 0x0020),
        (0x0085, 0x0085),
        (0x00a0, 0x00a0),
        (0x00ad, 0x00ad),
        (0x034f, 0x034f),
        (0x061c, 0x061c),
        (0x115f, 0x1160),
        (0x1680, 0x1680),
        (0x17b4, 0x17b5),
        (0x180b, 0x180f),
        (0x2000, 0x200f),
        (0x2028, 0x202f),
        (0x205f, 0x206f),
        (0x2800, 0x2800),
        (0x3000, 0x3000),
        (0x3164, 0x3164),
        (0xfe00, 0xfe0f),
        (0xfeff, 0xfeff),
        (0xffa0, 0xffa0),
        (0xfff0, 0xfffb),
        (0x1bca0, 0x1bca3),
        (0x1d173, 0x1d17a),
        (0xe0000, 0xe0fff),
    ];

    #[test]
    fn a_single_character_that_shows_nothing_alone_is_blank() {
        for code in 0..=u32::from(char::MAX) {
            let Some(character) = char::from_u32(code) else { continue };
            let is_blank = Description::parse(character.to_string()).is_err_and(|fault| fault == "must not be blank");
            let expected = INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&code));
            assert_eq!(is_blank, expected, "U+{code:04X}");
        }
    }

    #[test]
    fn words_that_look_the_same_are_compared_as_equal() {
        for (sent, expected) in [
            ("vpn", "vpn"),
            (" vpn ", "vpn"),
            ("VPN", "vpn"),
            ("v\u{200b}p\u{ad}n\u{feff}", "vpn"),
            ("third  floor", "third floor"),
            ("\u{3000}third\u{a0}\u{200b} floor", "third floor"),
            ("cafe\u{301}", "caf\u{e9}"),
            ("CAFE\u{301}", "caf\u{e9}"),
            ("caf\u{e9}", "caf\u{e9}"),
            ("caf\u{200d}e\u{200d}\u{301}", "caf\u{e9}"),
            ("❤\u{fe0f}", "❤"),
            ("STRASSE", "strasse"),
            ("ΟΔΟΣ", "οδος"),
            // A word that looks different is a different word, even if case folding would make them
            // equal.
            ("straße", "straße"),
            ("ς", "ς"),
            ("σ", "σ"),
            ("cafe", "cafe"),
            ("vp n", "vp n"),
            ("v-pn", "v-pn"),
        ] {
            assert_eq!(Tag::parse(sent.to_owned()).unwrap().comparison_form(), expected, "{sent:?}");
        }
    }

    /// Covers every character of the first two planes except ideographs and Hangul, which have no
    /// case.
    #[test]
    fn normalising_a_compared_form_changes_nothing() {
        let with_case = ('\0'..'\u{3400}').chain('\u{a000}'..'\u{ac00}').chain('\u{f900}'..'\u{20000}');
        for some in with_case.collect::<Vec<_>>().chunks(256) {
            let text: String = some.iter().flat_map(|character| [*character, '\u{301}', 'a', ' ']).collect();
            let once = comparison_form(&text);
            assert_eq!(comparison_form(&once), once, "from U+{:04X}", u32::from(some[0]));
        }
    }

    #[test]
    fn a_stored_text_is_not_validated_by_the_current_rules() {
        for text in ["\u{3164}", "", "a\u{1b}b"] {
            assert_eq!(Title::from_stored(text.to_owned()).as_str(), text);
            let stored = serde_json::to_string(&text).unwrap();
            assert_eq!(serde_json::from_str::<Description>(&stored).unwrap().as_str(), text);
        }
    }

    /// Whether a line and prose accept a character inside a text: `-` if they do, or the character
    /// that the refusal names.
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
    fn control_characters_and_line_ends_are_refused_and_named() {
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
    fn texts_are_kept_exactly_as_sent() {
        let text = "  <b>it's</b> \u{202e} 'x'; DROP TABLE—  ";
        assert_eq!(Title::parse(text.to_owned()).unwrap().as_str(), text);
    }
}
