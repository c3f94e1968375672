//! The passwords that attackers try first.
//!
//! `data/common-passwords/SOURCES.md` says where the list comes from and under which licences. It
//! holds passwords of at least [`super::Password::CHARACTERS_MIN`] characters known from breaches,
//! in lower case, one per line, sorted by their bytes.

use std::cmp::Ordering;

const LIST: &[u8] = include_bytes!("../../data/common-passwords/list.txt");

/// Returns whether the password is on the list, ignoring case.
pub(super) fn is_common(password: &str) -> bool {
    let wanted = password.to_lowercase();
    let (mut low, mut high) = (0, LIST.len());
    while low < high {
        let line = line_around(low + (high - low) / 2);
        match LIST[line.clone()].cmp(wanted.as_bytes()) {
            Ordering::Equal => return true,
            Ordering::Less => low = line.end + 1,
            Ordering::Greater => high = line.start,
        }
    }
    false
}

/// Returns the line that contains this byte of the list, or ends with it.
fn line_around(place: usize) -> std::ops::Range<usize> {
    let is_end = |byte: &u8| *byte == b'\n';
    let start = LIST[..place].iter().rposition(is_end).map_or(0, |end| end + 1);
    let length = LIST[start..].iter().position(is_end).unwrap_or(LIST.len() - start);
    start..start + length
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user::Password;

    fn lines() -> Vec<&'static str> {
        std::str::from_utf8(LIST).unwrap().lines().collect()
    }

    #[test]
    fn the_list_is_lowercase_sorted_and_ends_with_a_newline() {
        let lines = lines();
        assert!(lines.len() > 3_000, "OWASP ASVS 5.0 6.2.4 asks for the 3,000 most common");
        assert!(lines.is_sorted_by(|before, after| before < after));
        assert!(lines.iter().all(|line| line.to_lowercase() == **line));
        assert!(lines.iter().all(|line| line.chars().count() >= Password::CHARACTERS_MIN));
        assert_eq!(LIST.last(), Some(&b'\n'));
    }

    #[test]
    fn only_the_lines_of_the_list_are_found() {
        for line in lines() {
            assert!(is_common(line), "{line}");
            assert!(is_common(&line.to_uppercase()), "{line}");
        }
        for other in ["", "\n", "correct horse battery", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "!", "пароль пароль"]
        {
            assert!(!is_common(other), "{other:?}");
        }
    }
}
