//! Access tokens: JWTs signed with ES256, valid for ten minutes (RFC 9068, RFC 8725).

use std::fmt;

use domain::id::{SessionId, UserId};
use domain::text::PersonName;
use domain::time::Timestamp;
use domain::user::{Person, Role, User};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::signing_key;
use crate::config::{Config, name};
use crate::{Fatal, clock};

/// How long an access token is valid, in seconds. A permission that is revoked stays in effect no
/// longer than that.
pub const ACCESS_TOKEN_SECONDS: i64 = 10 * 60;
/// How far the clock of the issuing function may be ahead, in seconds. A token is never valid for
/// longer than it says.
const LEEWAY_SECONDS: i64 = 30;
/// The longest token that is examined, in bytes. Ours are shorter than 1,000.
const TOKEN_BYTES_MAX: usize = 4_096;
/// The `typ` of an access token (RFC 9068 §2.1), so that no other JWT is accepted as one.
const TOKEN_TYPE: &str = "at+jwt";

/// The claims of an access token.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    name: PersonName,
    role: Role,
    sid: SessionId,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: String,
}

/// An issuer of access tokens.
pub struct TokenIssuer {
    issuer: String,
    audience: String,
    header: Header,
    key: EncodingKey,
}

impl TokenIssuer {
    /// Returns the issuer of this deployment, with the signing key read from its parameter.
    ///
    /// # Errors
    /// Fails if variables are missing or the key cannot be read.
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        let [issuer, audience] = config.required([name::TOKEN_ISSUER, name::TOKEN_AUDIENCE])?;
        Self::new(issuer, audience, &signing_key::read(config).await?)
    }

    /// Returns an issuer that signs with that key (PKCS#8 PEM). The key's id is its thumbprint (RFC
    /// 7638), so both sides know it.
    ///
    /// # Errors
    /// Fails if the key is not a P-256 key.
    pub fn new(issuer: String, audience: String, key_pem: &str) -> Result<Self, Fatal> {
        let key = EncodingKey::from_ec_pem(key_pem.as_bytes())?;
        let public = Jwk::from_encoding_key(&key, Algorithm::ES256)?;
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = Some(public.thumbprint(ThumbprintHash::SHA256)?);
        Ok(Self { issuer, audience, header, key })
    }

    /// Issues a token that lets this person, on this device, act in their current role.
    ///
    /// # Errors
    /// Fails if the signature cannot be made.
    pub fn issue(
        &self,
        user: &User,
        session: SessionId,
        now: Timestamp,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: user.id,
            name: user.name.clone(),
            role: user.role,
            sid: session,
            iat: now.unix_seconds(),
            nbf: now.unix_seconds(),
            exp: now.plus_seconds(ACCESS_TOKEN_SECONDS).unix_seconds(),
            jti: SessionId::new(now, clock::id_bytes()).to_string(),
        };
        jsonwebtoken::encode(&self.header, &claims, &self.key)
    }
}

impl fmt::Debug for TokenIssuer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TokenIssuer({}, …)", self.issuer)
    }
}

/// An error: the token is not a valid access token of this deployment. The fault is for the log,
/// not for the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidToken(pub &'static str);

/// The person and session that a token belongs to.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The person, as they were when the token was issued.
    pub person: Person,
    /// The session of the device they signed in on.
    pub session_id: SessionId,
}

/// A verifier of access tokens.
pub struct AccessTokens {
    validation: Validation,
    keys: Vec<(String, DecodingKey)>,
}

impl AccessTokens {
    /// Returns the verifier of this deployment.
    ///
    /// # Errors
    /// Fails if variables are missing or keys cannot be used.
    pub fn open(config: &Config) -> Result<Self, Fatal> {
        let [issuer, audience, keys] =
            config.required([name::TOKEN_ISSUER, name::TOKEN_AUDIENCE, name::TOKEN_VERIFY_KEYS])?;
        Self::new(&issuer, &audience, &keys)
    }

    /// Returns a verifier that accepts the keys of a JWKS document. There is more than one key
    /// while keys are rotated.
    ///
    /// # Errors
    /// Fails if a key has no id or is not a P-256 key.
    pub fn new(issuer: &str, audience: &str, keys: &str) -> Result<Self, Fatal> {
        let set: JwkSet = serde_json::from_str(keys)
            .map_err(|error| format!("{} is not a JWKS document: {error}", name::TOKEN_VERIFY_KEYS))?;
        let mut keys = Vec::new();
        for key in &set.keys {
            let id = key.common.key_id.clone().ok_or("every verify key needs a kid")?;
            match &key.algorithm {
                AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {}
                _ => return Err(format!("the verify key {id} is not a P-256 key").into()),
            }
            keys.push((id, DecodingKey::from_jwk(key)?));
        }
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        // The time is an argument of `verify`, so the library must not read the clock itself.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Ok(Self { validation, keys })
    }

    /// Verifies a token and returns its bearer.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Bearer, InvalidToken> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(InvalidToken("too long"));
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| InvalidToken("not a JWT"))?;
        if header.typ.as_deref() != Some(TOKEN_TYPE) {
            return Err(InvalidToken("typ"));
        }
        let key = self.keys.iter().find(|(id, _)| header.kid.as_ref() == Some(id));
        let Some((_, key)) = key else {
            return Err(InvalidToken("kid"));
        };
        let claims = jsonwebtoken::decode::<Claims>(token, key, &self.validation)
            .map_err(|_| InvalidToken("invalid signature or claims"))?
            .claims;
        let second = now.unix_seconds();
        if claims.exp <= second {
            return Err(InvalidToken("expired"));
        }
        if claims.iat.max(claims.nbf) > second + LEEWAY_SECONDS {
            return Err(InvalidToken("issued in the future"));
        }
        if claims.exp - claims.iat > ACCESS_TOKEN_SECONDS {
            return Err(InvalidToken("lifetime too long"));
        }
        let person = Person { id: claims.sub, name: claims.name, role: claims.role };
        Ok(Bearer { person, session_id: claims.sid })
    }
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<&String> = self.keys.iter().map(|(id, _)| id).collect();
        write!(formatter, "AccessTokens({ids:?})")
    }
}
