//! The key that signs access tokens, the document that functions verify tokens with, and the
//! rotation of both.

use crate::error::{cannot, during};
use crate::{Error, Result};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
pub use token_key::SigningKey;

/// The file of the private key, in PKCS#8 PEM.
const SIGNING_KEY_FILE: &str = "signing-key.pem";
/// The file of the verify keys, a JWKS document.
const VERIFY_KEYS_FILE: &str = "verify-keys.json";

/// The key that signs, and the keys that tokens are verified with. These are the same key, and
/// during a rotation the previous key too.
#[derive(Debug, Clone)]
pub struct KeyRing {
    pub signing: SigningKey,
    /// The JWKS for `TOKEN_VERIFY_KEYS`.
    pub verify_keys: String,
}

impl KeyRing {
    /// Generates a ring of one new key.
    pub fn generate() -> Result<Self> {
        new_key().map(Self::of_one)
    }

    fn of_one(signing: SigningKey) -> Self {
        Self { verify_keys: signing.jwks.clone(), signing }
    }

    /// Loads the ring in `directory`. The first start generates it and writes it there, readable by
    /// its owner only, so that tokens outlive a restart.
    pub fn load_or_generate(directory: &Path) -> Result<Self> {
        if let Some(ring) = Self::load(directory)? {
            return Ok(ring);
        }
        let ring = Self::generate()?;
        ring.write(directory)?;
        Ok(ring)
    }

    /// Replaces the signing key with a new one. The old key stays among the verify keys until the
    /// next rotation. If the private key is missing, the first of the verify keys stays. If there
    /// are none either, this generates the first key.
    pub fn rotate(directory: &Path) -> Result<Self> {
        let signing = new_key()?;
        let before = match Self::load(directory)? {
            Some(ring) => Some(ring.signing.jwks),
            None => read_if_there(&directory.join(VERIFY_KEYS_FILE))?,
        };
        let mut keys = keys_in(&signing.jwks)?;
        let before = before.as_deref().map_or(Ok(Vec::new()), keys_in)?;
        keys.extend(before.into_iter().take(1));
        let ring = Self { verify_keys: jwks(keys)?, signing };
        ring.write(directory)?;
        Ok(ring)
    }

    fn load(directory: &Path) -> Result<Option<Self>> {
        let Some(pem) = read_if_there(&directory.join(SIGNING_KEY_FILE))? else { return Ok(None) };
        let damaged = |error| Error::new(format!("{}: {error}", directory.join(SIGNING_KEY_FILE).display()));
        let signing = SigningKey::from_pem(&pem).map_err(damaged)?;
        let path = directory.join(VERIFY_KEYS_FILE);
        let Some(verify_keys) = read_if_there(&path)? else { return Ok(Some(Self::of_one(signing))) };
        let verify_keys = verify_keys.trim_end().to_owned();
        let refused = |why: &str| {
            let remedy = "Remove it: tokens are then verified with the signing key alone.";
            Error::new(format!("{} {why}. {remedy}", path.display()))
        };
        let known: JwkSet =
            serde_json::from_str(&verify_keys).map_err(|error| refused(&format!("is not a valid key set: {error}")))?;
        if known.find(&signing.key_id).is_none() {
            return Err(refused("does not contain the signing key"));
        }
        Ok(Some(Self { signing, verify_keys }))
    }

    /// Writes the ring. The verify keys are written first, so that a half-written ring signs with
    /// the old key and knows both.
    fn write(&self, directory: &Path) -> Result<()> {
        write_private(&directory.join(VERIFY_KEYS_FILE), &format!("{}\n", self.verify_keys))?;
        write_private(&directory.join(SIGNING_KEY_FILE), &self.signing.pem)
    }
}

fn new_key() -> Result<SigningKey> {
    SigningKey::generate().map_err(during("Creating a signing key"))
}

fn keys_in(jwks: &str) -> Result<Vec<Jwk>> {
    token_key::keys_in(jwks).map_err(during("Reading the verify keys"))
}

fn jwks(keys: Vec<Jwk>) -> Result<String> {
    token_key::written(keys).map_err(during("Writing the verify keys"))
}

pub fn read_if_there(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(cannot("read", path)(error)),
    }
}

/// Writes a file that only its owner can read, completely or not at all.
pub fn write_private(path: &Path, text: &str) -> Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let written = options.open(&unfinished).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&unfinished, path)).map_err(cannot("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn the_key_files_are_readable_only_by_their_owner() {
        let directory = tempfile::tempdir().unwrap();
        let first = KeyRing::load_or_generate(directory.path()).unwrap();
        let second = KeyRing::load_or_generate(directory.path()).unwrap();
        assert_eq!((&first.signing.pem, &first.verify_keys), (&second.signing.pem, &second.verify_keys));
        for file in [SIGNING_KEY_FILE, VERIFY_KEYS_FILE] {
            let mode = fs::metadata(directory.path().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    }

    #[test]
    fn a_rotated_key_ring_signs_with_a_new_key_and_keeps_the_previous_one() {
        let directory = tempfile::tempdir().unwrap();
        let ids = |ring: &KeyRing| -> Vec<String> {
            let set: JwkSet = serde_json::from_str(&ring.verify_keys).unwrap();
            set.keys.into_iter().map(|key| key.common.key_id.unwrap()).collect()
        };
        let first = KeyRing::rotate(directory.path()).unwrap();
        assert_eq!(ids(&first).join(" "), first.signing.key_id, "the first key is the only one");
        let second = KeyRing::rotate(directory.path()).unwrap();
        assert_eq!(ids(&second), [&second.signing, &first.signing].map(|key| key.key_id.clone()));
        let third = KeyRing::rotate(directory.path()).unwrap();
        assert_eq!(ids(&third), [&third.signing, &second.signing].map(|key| key.key_id.clone()), "never more than two");
        let loaded = KeyRing::load_or_generate(directory.path()).unwrap();
        assert_eq!((loaded.signing.pem, loaded.verify_keys), (third.signing.pem, third.verify_keys));
    }

    #[test]
    fn the_previous_public_key_stays_without_its_private_key() {
        let (directory, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let deployed = KeyRing::rotate(directory.path()).unwrap();
        fs::write(elsewhere.path().join(VERIFY_KEYS_FILE), &deployed.verify_keys).unwrap();
        let ring = KeyRing::rotate(elsewhere.path()).unwrap();
        let set: JwkSet = serde_json::from_str(&ring.verify_keys).unwrap();
        assert_eq!(set.keys.len(), 2);
        assert!(set.find(&deployed.signing.key_id).is_some() && set.find(&ring.signing.key_id).is_some());
    }

    #[test]
    fn verify_keys_without_the_signing_key_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        KeyRing::rotate(directory.path()).unwrap();
        fs::write(directory.path().join(VERIFY_KEYS_FILE), SigningKey::generate().unwrap().jwks).unwrap();
        assert!(KeyRing::load_or_generate(directory.path()).unwrap_err().to_string().contains("Remove it"));
        fs::write(directory.path().join(VERIFY_KEYS_FILE), "nonsense").unwrap();
        assert!(KeyRing::rotate(directory.path()).is_err());
    }
}
