use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use local::keys::SigningKey;
use serde_json::Value;

/// Returns the claims of a token, valid or not.
pub(crate) fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// Builds tokens that must be refused.
#[derive(Clone)]
pub(crate) struct Forged {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

impl Forged {
    /// Returns a copy of `token`, to be changed before it is signed.
    pub(crate) fn like(token: &str) -> Self {
        let header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap());
        Self { header: header.unwrap(), claims: claims_of(token) }
    }

    pub(crate) fn with_header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header[name] = value.into();
        self
    }

    pub(crate) fn with_claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    pub(crate) fn without_header(mut self, name: &str) -> Self {
        self.header.as_object_mut().unwrap().remove(name);
        self
    }

    pub(crate) fn without_claim(mut self, name: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(name);
        self
    }

    /// Returns the signed part: header and claims.
    fn message(&self) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}", encode(&self.header), encode(&self.claims))
    }

    /// Returns the token signed with ES256, whatever its header says.
    pub(crate) fn signed_with(&self, key: &SigningKey) -> String {
        let key = EncodingKey::from_ec_pem(key.pem.as_bytes()).unwrap();
        self.signed(&key, Algorithm::ES256)
    }

    /// Returns the token signed with HS256 and these bytes as the secret.
    pub(crate) fn signed_with_secret(&self, secret: &[u8]) -> String {
        self.signed(&EncodingKey::from_secret(secret), Algorithm::HS256)
    }

    /// Returns the token with this text as its signature.
    pub(crate) fn with_signature(&self, signature: &str) -> String {
        format!("{}.{signature}", self.message())
    }

    fn signed(&self, key: &EncodingKey, algorithm: Algorithm) -> String {
        let message = self.message();
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
        format!("{message}.{signature}")
    }
}
