//! Isolates user text within ours, so that neither its direction nor its lines affect our text.

use std::borrow::Cow;

use icu_properties::CodePointMapData;
use icu_properties::props::BidiClass;

const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_DIRECTIONAL_ISOLATE: char = '\u{2069}';

/// Encloses a line in a First Strong Isolate (Unicode Standard Annex #9, rule X5c), which closes
/// everything that the line opens. Returns the line unchanged if it contains no right-to-left text.
pub(super) fn isolated(line: &str) -> Cow<'_, str> {
    if !line.chars().any(is_directional) {
        return Cow::Borrowed(line);
    }
    let mut isolated = String::from(FIRST_STRONG_ISOLATE);
    let mut open = 1_usize;
    for character in line.chars() {
        match character {
            '\u{2066}'..=FIRST_STRONG_ISOLATE => open += 1,
            // It would close the isolate that encloses the line.
            POP_DIRECTIONAL_ISOLATE if open == 1 => continue,
            POP_DIRECTIONAL_ISOLATE => open -= 1,
            _ => {}
        }
        isolated.push(character);
    }
    isolated.extend(std::iter::repeat_n(POP_DIRECTIONAL_ISOLATE, open));
    Cow::Owned(isolated)
}

/// Returns whether a character is written from right to left, or is a mark that sets the direction
/// of others.
fn is_directional(character: char) -> bool {
    use BidiClass as B;
    let ours = [
        B::LeftToRight,
        B::EuropeanNumber,
        B::EuropeanSeparator,
        B::EuropeanTerminator,
        B::CommonSeparator,
        B::ParagraphSeparator,
        B::SegmentSeparator,
        B::WhiteSpace,
        B::OtherNeutral,
        B::NonspacingMark,
        B::BoundaryNeutral,
    ];
    !ours.contains(&CodePointMapData::<BidiClass>::new().get(character))
}

/// Quotes a text for a plain text mail. Each line begins with `> `, so that none is mistaken for
/// our own text or for the `-- ` before a signature (RFC 3676 §4.3).
pub(super) fn quoted(text: &str) -> String {
    let unix = text.replace("\r\n", "\n");
    let lines = unix.split(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']);
    let quoted = lines.map(|line| if line.is_empty() { ">".to_owned() } else { format!("> {}", isolated(line)) });
    quoted.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directional_marks_opened_in_a_line_end_with_it() {
        for (line, expected) in [
            ("The printer jams", "The printer jams"),
            ("Größe 5, \u{200b}ção — 日本 👩\u{200d}🔧", "Größe 5, \u{200b}ção — 日本 👩\u{200d}🔧"),
            ("\u{202e}txet", "\u{2068}\u{202e}txet\u{2069}"),
            ("המדפסת", "\u{2068}המדפסת\u{2069}"),
            ("a\u{2067}b", "\u{2068}a\u{2067}b\u{2069}\u{2069}"),
            ("a\u{2067}b\u{2069}c", "\u{2068}a\u{2067}b\u{2069}c\u{2069}"),
            // A mark that would close our isolate and then reverse the rest.
            ("a\u{2069}\u{202e}b", "\u{2068}a\u{202e}b\u{2069}"),
        ] {
            assert_eq!(isolated(line), expected, "{line:?}");
        }
    }

    #[test]
    fn every_quoted_line_is_marked_with_any_line_ending() {
        for end in ["\n", "\r\n", "\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}"] {
            assert_eq!(quoted(&format!("a{end}-- {end}{end}b")), "> a\n> -- \n>\n> b", "{end:?}");
        }
        assert_eq!(quoted("\u{202e}a\nb"), "> \u{2068}\u{202e}a\u{2069}\n> b");
    }
}
