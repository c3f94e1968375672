//! Access tokens that must not pass.

use jsonwebtoken::Algorithm;
use local::keys::SigningKey;
use serde_json::json;

use crate::support::{Caller, Desk, Forged, claims_of};

async fn refused(caller: &Caller, what: &str, token: &str) {
    let answer = caller.with_token(token).get("/v1/me").await;
    assert_eq!(answer.status.as_u16(), 401, "{what}");
    let answer = answer.expect_problem(401, "invalid-token");
    assert_eq!(answer.header("www-authenticate"), Some(r#"Bearer realm="helpdesk", error="invalid_token""#));
}

#[tokio::test]
async fn only_our_own_good_tokens_pass() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let good = ana.access_token.clone().unwrap();
    let key = desk.stack.signing_key();
    let like = || Forged::like(&good, key);
    let other_key = SigningKey::generate().unwrap();
    let now = claims_of(&good)["iat"].as_i64().unwrap();
    ana.with_token(like().write()).get("/v1/me").await.expect(200);

    let stranger = SigningKey::generate().unwrap();
    refused(&ana, "signed by another key under our key's id", &Forged::like(&good, &stranger).write()).await;
    let mut unknown_key = Forged::like(&good, &other_key);
    unknown_key.header.kid = Some(other_key.key_id.clone());
    refused(&ana, "signed by an unknown key", &unknown_key.write()).await;
    let mut no_key = like();
    no_key.header.kid = None;
    refused(&ana, "without a key id", &no_key.write()).await;
    let mut plain_jwt = like();
    plain_jwt.header.typ = Some("JWT".to_owned());
    refused(&ana, "another kind of token", &plain_jwt.write()).await;
    refused(&ana, "alg: none", &like().unsigned()).await;
    refused(&ana, "expired", &like().with_claim("iat", now - 700).with_claim("exp", now - 100).write()).await;
    refused(&ana, "issued in the future", &like().with_claim("iat", now + 100).write()).await;
    refused(&ana, "another issuer", &like().with_claim("iss", "somebody").write()).await;
    refused(&ana, "another audience", &like().with_claim("aud", "something").write()).await;
    refused(&ana, "no expiry", &like().with_claim("exp", json!(null)).write()).await;
    refused(&ana, "nobody", &like().with_claim("sub", "nobody").write()).await;
    refused(&ana, "a refresh token", &ana.refresh_token).await;
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    refused(&ana, "a changed signature", &format!("{signed}.{other}{}", &signature[1..])).await;
    refused(&ana, "nonsense", "x").await;
    assert_eq!(Algorithm::ES256, like().header.alg);
    desk.assert_no_process_died();
}

#[tokio::test]
async fn without_a_token_the_answer_says_how_to_get_one() {
    let desk = Desk::open().await;
    let answer = desk.anyone().get("/v1/me").await.expect_problem(401, "unauthenticated");
    assert_eq!(answer.header("www-authenticate"), Some(r#"Bearer realm="helpdesk""#));
    assert!(answer.body["detail"].as_str().unwrap().contains("/v1/auth/login"));
}

#[tokio::test]
async fn the_keys_are_published_without_their_private_half() {
    let desk = Desk::open().await;
    let keys = desk.anyone().get("/.well-known/jwks.json").await.expect(200).body;
    let key = &keys["keys"][0];
    assert_eq!(key["kid"], desk.stack.signing_key().key_id.as_str());
    assert_eq!((&key["alg"], &key["use"], key.get("d")), (&json!("ES256"), &json!("sig"), None));
}
