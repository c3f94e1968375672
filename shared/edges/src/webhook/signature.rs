//! The signature of a delivery: HMAC-SHA256 over `id.timestamp.body` (Standard Webhooks 1.0,
//! "Signature scheme").

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::time::Timestamp;
use domain::webhook::WebhookSecret;

/// Returns a secret in the form that its owner gets.
#[must_use]
pub fn secret_text(secret: &WebhookSecret) -> String {
    format!("whsec_{}", STANDARD.encode(secret.as_bytes()))
}

/// Returns the value of `webhook-signature`: one signature for each secret, separated by spaces.
#[must_use]
pub fn signature(secrets: &[&WebhookSecret], id: &str, at: Timestamp, body: &str) -> String {
    let signed = format!("{id}.{}.{body}", at.unix_seconds());
    let sign = |secret: &&WebhookSecret| sign(secret.as_bytes(), signed.as_bytes());
    secrets.iter().map(sign).collect::<Vec<_>>().join(" ")
}

fn sign(secret: &[u8], signed: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    format!("v1,{}", STANDARD.encode(hmac::sign(&key, signed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the standard's own libraries.
    #[test]
    fn the_example_in_the_standard_is_signed_as_documented() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}";
        assert_eq!(sign(&secret, signed), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn each_secret_adds_a_signature() {
        let (old, new) = (WebhookSecret::new([1; 32]), WebhookSecret::new([2; 32]));
        let at = Timestamp::from_unix_milliseconds(1_614_265_330_000).unwrap();
        let both = signature(&[&new, &old], "msg_1", at, "{}");
        let alone = [&new, &old].map(|secret| signature(&[secret], "msg_1", at, "{}"));
        assert_eq!(both, alone.join(" "));
        assert_ne!(alone[0], alone[1]);
        assert_eq!(secret_text(&new), format!("whsec_{}", STANDARD.encode([2; 32])));
    }
}
