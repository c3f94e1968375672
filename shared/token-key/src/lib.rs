//! The key that signs access tokens, and the document with its public half: the same for a
//! deployment, which makes its own key, and for `cargo local`.

use std::fmt;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey};
use pem::{EncodeConfig, LineEnding, Pem};

/// A P-256 signing key and its public half.
#[derive(Clone)]
pub struct SigningKey {
    /// The private key in PKCS#8 PEM (RFC 5958), as SSM stores it.
    pub pem: String,
    /// The public key's RFC 7638 SHA-256 thumbprint, in base64url. It is the `kid` of every token.
    pub key_id: String,
    /// The JWKS document (RFC 7517 §5) of this key alone.
    pub jwks: String,
}

/// The reason why there is no key, or no document of keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the system returned no random bytes for a signing key")]
    NoRandomness,
    /// The library's error is left out, because it could quote the text.
    #[error("it is not a P-256 private key in PKCS#8 PEM")]
    NotAKey,
    #[error("it is not a JWKS document: {0}")]
    NotAKeySet(#[from] serde_json::Error),
}

impl SigningKey {
    /// Generates a new key.
    ///
    /// # Errors
    /// Fails if the system returns no random bytes.
    pub fn generate() -> Result<Self, KeyError> {
        let none = |_| KeyError::NoRandomness;
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(none)?;
        let document = pair.to_pkcs8v1().map_err(none)?;
        Self::from_pem(&pem_text(document.as_ref()))
    }

    /// Reads a P-256 private key in PKCS#8 PEM.
    ///
    /// # Errors
    /// Fails if the text is anything else.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let refused = |_| KeyError::NotAKey;
        let key = EncodingKey::from_ec_pem(pem.as_bytes()).map_err(refused)?;
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).map_err(refused)?;
        let key_id = jwk.thumbprint(ThumbprintHash::SHA256).map_err(refused)?;
        jwk.common.key_id = Some(key_id.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { pem: pem.to_owned(), key_id, jwks: written(vec![jwk])? })
    }

    /// Returns the JWKS document of this key and then those of `others`, each once. A deployment
    /// accepts the key that it signs with, and during a rotation the keys before and after it.
    ///
    /// # Errors
    /// Fails if `others` is not a JWKS document.
    pub fn jwks_with(&self, others: &str) -> Result<String, KeyError> {
        let mut keys = keys_in(&self.jwks)?;
        keys.extend(keys_in(others)?.into_iter().filter(|key| key.common.key_id.as_ref() != Some(&self.key_id)));
        written(keys)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({}, …)", self.key_id)
    }
}

/// Reads the keys of a JWKS document.
///
/// # Errors
/// Fails if it is not one.
pub fn keys_in(jwks: &str) -> Result<Vec<Jwk>, KeyError> {
    Ok(serde_json::from_str::<JwkSet>(jwks)?.keys)
}

/// Writes a JWKS document.
///
/// # Errors
/// Fails if a key cannot be written as JSON.
pub fn written(keys: Vec<Jwk>) -> Result<String, KeyError> {
    Ok(serde_json::to_string(&JwkSet { keys })?)
}

fn pem_text(der: &[u8]) -> String {
    pem::encode_config(&Pem::new("PRIVATE KEY", der), EncodeConfig::new().set_line_ending(LineEnding::LF))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{DecodingKey, Header, Validation, decode, encode};
    use serde_json::{Value, json};

    #[test]
    fn a_token_signed_with_the_key_verifies_with_the_key_set() {
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
    fn the_key_set_has_the_members_the_functions_expect() {
        let key = SigningKey::generate().unwrap();
        let jwks: Value = serde_json::from_str(&key.jwks).unwrap();
        let entry = &jwks["keys"][0];
        for (field, value) in [("kty", "EC"), ("crv", "P-256"), ("alg", "ES256"), ("use", "sig")] {
            assert_eq!(entry[field], value, "{field}");
        }
        assert_eq!(entry["kid"], key.key_id);
        assert!(!key.jwks.contains("\"d\""));
        assert!(!format!("{key:?}").contains("PRIVATE"));
    }

    #[test]
    fn the_own_key_comes_first_and_every_key_once() {
        let [own, other] = [SigningKey::generate().unwrap(), SigningKey::generate().unwrap()];
        let ids = |others: &str| {
            let keys = keys_in(&own.jwks_with(others).unwrap()).unwrap();
            keys.into_iter().map(|key| key.common.key_id.unwrap()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(ids(r#"{"keys":[]}"#), own.key_id);
        assert_eq!(ids(&own.jwks), own.key_id);
        let both = format!("{} {}", own.key_id, other.key_id);
        assert_eq!(ids(&other.jwks), both);
        assert_eq!(ids(&other.jwks_with(&own.jwks).unwrap()), both);
        assert!(own.jwks_with("nonsense").unwrap_err().to_string().contains("not a JWKS document"));
    }
}
