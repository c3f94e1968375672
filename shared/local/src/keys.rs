//! The key that signs access tokens, and the document the functions check them with.

use crate::error::during;
use crate::{Error, Result};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The longest line of a PEM body (RFC 7468).
const PEM_LINE: usize = 64;

/// A P-256 signing key and its public half.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// The private key, PKCS#8 PEM, as SSM holds it.
    pub pem: String,
    /// The public key's RFC 7638 SHA-256 thumbprint, base64url: the `kid` of every token.
    pub key_id: String,
    /// The JWKS for `TOKEN_VERIFY_KEYS`.
    pub jwks: String,
}

impl SigningKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn generate() -> Result<Self> {
        let refused = |_| Error::new("Cannot make a signing key: the system gave no randomness.");
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(refused)?;
        let document = pair.to_pkcs8v1().map_err(refused)?;
        Self::from_pem(&pem_text(document.as_ref()))
    }

    /// Takes a P-256 private key in PKCS#8 PEM.
    ///
    /// # Errors
    /// When `pem` is something else.
    pub fn from_pem(pem: &str) -> Result<Self> {
        let key = EncodingKey::from_ec_pem(pem.as_bytes()).map_err(during("Reading the signing key"))?;
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).map_err(during("Reading the signing key"))?;
        let key_id =
            jwk.thumbprint(ThumbprintHash::SHA256).map_err(during("Naming the signing key by its thumbprint"))?;
        jwk.common.key_id = Some(key_id.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let jwks = serde_json::to_string(&JwkSet { keys: vec![jwk] }).map_err(during("Writing the verify keys"))?;
        Ok(Self { pem: pem.to_owned(), key_id, jwks })
    }

    /// The key in the file at `path`; on the first start it is made and written there, readable by its owner only, so
    /// that tokens outlive a restart.
    ///
    /// # Errors
    /// When the file cannot be read or written, or holds no such key.
    pub fn load_or_generate(path: &Path) -> Result<Self> {
        match fs::read_to_string(path) {
            Ok(pem) => Self::from_pem(&pem),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = Self::generate()?;
                write_private(path, &key.pem)?;
                Ok(key)
            }
            Err(error) => Err(Error::new(format!("Cannot read {}: {error}.", path.display()))),
        }
    }
}

/// Writes a file that only its owner can read, all of it or nothing.
///
/// # Errors
/// When the directory cannot be written.
pub fn write_private(path: &Path, text: &str) -> Result<()> {
    let failed = |error| Error::new(format!("Cannot write {}: {error}.", path.display()));
    let unfinished = path.with_extension("unfinished");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&unfinished).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&unfinished, path).map_err(failed)
}

fn pem_text(der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let mut text = String::from("-----BEGIN PRIVATE KEY-----\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, remainder) = rest.split_at(rest.len().min(PEM_LINE));
        text.push_str(line);
        text.push('\n');
        rest = remainder;
    }
    text.push_str("-----END PRIVATE KEY-----\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{DecodingKey, Header, Validation, decode, encode};
    use serde_json::{Value, json};
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_token_signed_with_the_key_verifies_with_the_document() {
        let key = SigningKey::generate().unwrap();
        let claims = json!({"sub": "somebody", "exp": 4_000_000_000_u64});
        let private = EncodingKey::from_ec_pem(key.pem.as_bytes()).unwrap();
        let token = encode(&Header::new(Algorithm::ES256), &claims, &private).unwrap();
        let jwks: JwkSet = serde_json::from_str(&key.jwks).unwrap();
        let public = DecodingKey::from_jwk(jwks.find(&key.key_id).unwrap()).unwrap();
        let read = decode::<Value>(&token, &public, &Validation::new(Algorithm::ES256)).unwrap();
        assert_eq!(read.claims, claims);
    }

    #[test]
    fn the_document_says_what_the_functions_expect() {
        let key = SigningKey::generate().unwrap();
        let jwks: Value = serde_json::from_str(&key.jwks).unwrap();
        let entry = &jwks["keys"][0];
        for (field, value) in [("kty", "EC"), ("crv", "P-256"), ("alg", "ES256"), ("use", "sig")] {
            assert_eq!(entry[field], value, "{field}");
        }
        assert_eq!(entry["kid"], key.key_id);
        assert!(!key.jwks.contains("\"d\""));
    }

    #[test]
    fn the_file_keeps_the_key_for_its_owner() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("signing-key.pem");
        let first = SigningKey::load_or_generate(&path).unwrap();
        let second = SigningKey::load_or_generate(&path).unwrap();
        assert_eq!(first.pem, second.pem);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
