//! The texts in which the holders of secrets have them: base64url without padding (RFC 4648 §5),
//! and 128 bits in hexadecimal. Each sequence of bytes has one text, and no other text is read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Joins the parts in base64url.
pub(super) fn to_base64url(parts: &[&[u8]]) -> String {
    URL_SAFE_NO_PAD.encode(parts.concat())
}

/// Reads exactly so many bytes from base64url.
pub(super) fn from_base64url<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    let written = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
    (written == LENGTH).then_some(bytes)
}

/// Returns 128 bits in hexadecimal, for a text that is part of a path.
pub(super) fn to_hex(bytes: [u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// Reads 128 bits from 32 hexadecimal digits.
pub(super) fn from_hex(text: &str) -> Option<[u8; 16]> {
    let is_digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = if is_digits { u128::from_str_radix(text, 16).ok() } else { None };
    number.map(u128::to_be_bytes)
}
