use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use local::keys::SigningKey;
use serde_json::Value;

/// The claims a token makes, whether or not it is good.
pub(crate) fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// Makes tokens that ours must not pass for.
pub(crate) struct Forged<'a> {
    key: &'a SigningKey,
    pub(crate) header: Header,
    pub(crate) claims: Value,
}

impl<'a> Forged<'a> {
    /// One like `token`, signed with `key`, to be changed before it is written.
    pub(crate) fn like(token: &str, key: &'a SigningKey) -> Self {
        let header = jsonwebtoken::decode_header(token).unwrap();
        Self { key, header, claims: claims_of(token) }
    }

    pub(crate) fn with_claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    pub(crate) fn write(&self) -> String {
        assert_eq!(self.header.alg, Algorithm::ES256);
        let key = EncodingKey::from_ec_pem(self.key.pem.as_bytes()).unwrap();
        jsonwebtoken::encode(&self.header, &self.claims, &key).unwrap()
    }

    /// The same claims under `alg: none` and without a signature.
    pub(crate) fn unsigned(&self) -> String {
        let mut header = serde_json::to_value(&self.header).unwrap();
        header["alg"] = "none".into();
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.", encode(&header), encode(&self.claims))
    }
}
