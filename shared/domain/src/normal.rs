//! A normal form for comparing texts that people consider the same. Texts are shown as they were
//! sent.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

/// Returns the text in Normalization Form C (Unicode Standard Annex #15): `e` and a combining
/// accent become `é`.
#[must_use]
pub fn nfc(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// Returns a password in the form in which it is hashed and compared. Other spaces become U+0020,
/// and then the whole text is converted by [`nfc`] (RFC 8265 §4.2.2, rules 2 and 4; NIST SP 800-63B
/// asks to normalise before hashing).
///
/// The profile also rejects some characters. That rule is not applied: a password may hold any
/// character.
#[must_use]
pub fn opaque_string(text: &str) -> Cow<'_, str> {
    if text.contains(is_other_space) {
        Cow::Owned(nfc(&text.replace(is_other_space, " ")).into_owned())
    } else {
        nfc(text)
    }
}

/// Returns whether the character has the general category `Zs` and is not U+0020 (Unicode 17.0,
/// `DerivedGeneralCategory.txt`; the set has not changed since Unicode 6.3).
const fn is_other_space(character: char) -> bool {
    matches!(character, '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composed_and_decomposed_characters_are_normalised_alike() {
        for (typed, normal) in [
            ("Größe, mañana é 1", "Größe, mañana é 1"),
            ("Gro\u{308}ße, man\u{303}ana e\u{301} 1", "Größe, mañana é 1"),
            // The ångström sign and the letter, and combining marks in a different order.
            ("\u{212b}", "\u{c5}"),
            ("q\u{307}\u{323}", "q\u{323}\u{307}"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
            // Compatibility forms stay distinct: NFC and not NFKC.
            ("\u{fb01}\u{ff21}", "\u{fb01}\u{ff21}"),
            ("plain", "plain"),
        ] {
            assert_eq!(nfc(typed), normal, "{typed:?}");
        }
    }

    #[test]
    fn only_the_spaces_of_a_password_are_normalised() {
        assert_eq!(opaque_string("a\u{a0}b\u{3000}c\u{2009}e\u{301}"), "a b c é");
        // Case, tabs, joiners and leading spaces stay as they are.
        assert_eq!(opaque_string(" A\tb\u{200d}\u{200b} "), " A\tb\u{200d}\u{200b} ");
        assert!(matches!(opaque_string("correct horse battery"), Cow::Borrowed(_)));
    }

    #[test]
    fn the_other_spaces_are_those_of_unicode_except_the_plain_space() {
        let spaces: Vec<char> = ('\0'..=char::MAX).filter(|character| is_other_space(*character)).collect();
        assert_eq!(spaces.len(), 16);
        assert!(spaces.iter().all(|space| space.is_whitespace() && !space.is_control()));
    }
}
