//! The canonical bytes of an entry, and the digests that represent texts and names in them: see
//! [`super`].

use sha2::{Digest as _, Sha256};

use super::hash::Hash;
use crate::hex::hex;
use crate::stamp::Salt;

/// The field name in the digest of a person's name.
pub(super) const NAME: &str = "name";

/// The SHA-256 of canonical bytes, while they are fed to it.
pub(super) struct Canonical(Sha256);

impl Canonical {
    /// Begins the bytes with the name of their form. Each form has a name of its own.
    pub(super) fn new(form: &str) -> Self {
        let mut canonical = Self(Sha256::new());
        canonical.text(form);
        canonical
    }

    /// The length that marks an absent field. No text is that long.
    const ABSENT: [u8; 4] = u32::MAX.to_be_bytes();

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX - 1);
        self.0.update(length.to_be_bytes());
        self.0.update(bytes);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(super) fn optional(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.0.update(Self::ABSENT),
        }
    }

    pub(super) fn hash(self) -> Hash {
        Hash(self.0.finalize().into())
    }
}

/// Returns what represents a text of that field in the canonical bytes.
pub(super) fn digest(salt: &Salt, field: &str, text: &str) -> String {
    let mut sha = Sha256::new();
    sha.update(salt.as_bytes());
    sha.update(field.as_bytes());
    sha.update(b":");
    sha.update(text.as_bytes());
    hex(&sha.finalize())
}
