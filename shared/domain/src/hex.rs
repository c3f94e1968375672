//! Bytes as lower-case hexadecimal digits.

/// Returns bytes as lower-case hexadecimal digits.
pub(crate) use base16ct::lower::encode_string as hex;

/// Returns the bytes that exactly `2 * N` lower-case hexadecimal digits encode.
pub(crate) fn bytes_from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    base16ct::lower::decode_vec(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_and_read_only_as_lowercase_digits() {
        assert_eq!(hex(&[0x00, 0x1f, 0xa0]), "001fa0");
        assert_eq!(bytes_from_hex("001fa0"), Some([0x00, 0x1f, 0xa0]));
        for text in ["001FA0", "001fa", "001f", "001fa000", "001fg0", "0x1fa0", " 01fa0", ""] {
            assert_eq!(bytes_from_hex::<3>(text), None, "{text}");
        }
    }
}
