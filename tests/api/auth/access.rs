//! Access tokens that must be refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use local::keys::SigningKey;
use serde_json::{Value, json};

use crate::support::{Desk, Forged, Response, claims_of, embedded_only};

/// The header of every response that refuses a token (RFC 6750 §3.1).
const CHALLENGE: &str = r#"Bearer realm="helpdesk", error="invalid_token""#;

fn encoded(value: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(value)
}

/// Returns tokens with a wrong header: algorithm confusion (RFC 8725 §2.1), keys that come with the
/// token (§3.5), other types (§3.11).
fn with_wrong_headers(valid: &Forged, key: &SigningKey) -> Vec<(String, String)> {
    let stranger = SigningKey::generate().unwrap();
    let public: Value = serde_json::from_str(&key.jwks).unwrap();
    let strangers: Value = serde_json::from_str(&stranger.jwks).unwrap();
    let mut invalid = Vec::new();
    let mut add = |what: String, token: String| invalid.push((what, token));
    for alg in
        ["none", "None", "NONE", "nOnE", "", "ES384", "ES512", "RS256", "PS256", "EdDSA", "HS256", "HS384", "es256"]
    {
        add(format!("alg {alg:?} with our signature"), valid.clone().with_header("alg", alg).signed_with(key));
        add(format!("alg {alg:?} unsigned"), valid.clone().with_header("alg", alg).with_signature(""));
    }
    for (what, secret) in [
        ("the public key's document", key.jwks.clone()),
        ("the public key's x", public["keys"][0]["x"].as_str().unwrap().to_owned()),
        ("the key's id", key.key_id.clone()),
        ("nothing", String::new()),
    ] {
        let token = valid.clone().with_header("alg", "HS256").signed_with_secret(secret.as_bytes());
        add(format!("HS256 with {what} as its secret"), token);
    }
    for typ in
        [json!("JWT"), json!("jwt"), json!("AT+JWT"), json!("application/at+jwt"), json!("rt+jwt"), json!(""), json!(7)]
    {
        add(format!("typ {typ}"), valid.clone().with_header("typ", typ).signed_with(key));
    }
    for kid in
        [json!(""), json!("other"), json!(stranger.key_id), json!("../../etc/passwd"), json!("' OR 1=1 --"), json!(0)]
    {
        add(format!("kid {kid}"), valid.clone().with_header("kid", kid).signed_with(key));
    }
    for name in ["alg", "typ", "kid"] {
        add(format!("no {name}"), valid.clone().without_header(name).signed_with(key));
    }
    add("a stranger's key under our key's id".to_owned(), valid.signed_with(&stranger));
    add(
        "a stranger's key under its own id".to_owned(),
        valid.clone().with_header("kid", stranger.key_id.clone()).signed_with(&stranger),
    );
    let embedded = strangers["keys"][0].clone();
    add("a stranger's key in jwk".to_owned(), valid.clone().with_header("jwk", embedded).signed_with(&stranger));
    for name in ["jku", "x5u"] {
        let token = valid.clone().with_header(name, "https://attacker.example/keys").signed_with(&stranger);
        add(format!("a stranger's key at {name}"), token);
    }
    add(
        "a stranger's certificate in x5c".to_owned(),
        valid.clone().with_header("x5c", json!(["MIIB"])).signed_with(&stranger),
    );
    add(
        "a stranger's key, critical".to_owned(),
        valid.clone().with_header("crit", json!(["exp"])).signed_with(&stranger),
    );
    invalid
}

/// Returns tokens signed by us with wrong claims (RFC 9068 §4, RFC 7519 §4.1).
fn with_wrong_claims(valid: &Forged, key: &SigningKey) -> Vec<(String, String)> {
    let now = valid.claims["iat"].as_i64().unwrap();
    let mut invalid = Vec::new();
    for (name, values) in [
        ("iss", vec![json!("somebody"), json!(""), json!("Helpdesk"), json!(["somebody"]), json!(null)]),
        ("aud", vec![json!("something"), json!(""), json!([]), json!(["something"]), json!(null)]),
        ("sub", vec![json!("nobody"), json!(""), json!(1), json!(null)]),
        ("role", vec![json!("root"), json!(""), json!(["admin"]), json!(null)]),
        ("sid", vec![json!("x"), json!(null)]),
        (
            "exp",
            vec![
                json!(now - 1),
                json!(0),
                json!(-1),
                json!("never"),
                json!(now + 601),
                json!(now + 86_400),
                json!(1e300),
                json!(null),
            ],
        ),
        ("nbf", vec![json!(now + 600), json!("now"), json!(null)]),
        ("iat", vec![json!(now + 600), json!("now"), json!(null)]),
        ("name", vec![json!(null), json!(7)]),
    ] {
        for value in values {
            invalid.push((format!("{name} {value}"), valid.clone().with_claim(name, value).signed_with(key)));
        }
        invalid.push((format!("no {name}"), valid.clone().without_claim(name).signed_with(key)));
    }
    for (what, minutes) in [("ahead", 10), ("behind", -10)] {
        let shifted = ["iat", "nbf", "exp"].into_iter().fold(valid.clone(), |token, name| {
            let moved = token.claims[name].as_i64().unwrap() + minutes * 60;
            token.with_claim(name, moved)
        });
        invalid.push((format!("a clock ten minutes {what}"), shifted.signed_with(key)));
    }
    invalid
}

/// Returns variants of our token with small defects.
fn corrupted(token: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = token.split('.').collect();
    let mut invalid = Vec::new();
    for (index, name) in ["header", "claims", "signature"].into_iter().enumerate() {
        let bytes = URL_SAFE_NO_PAD.decode(parts[index]).unwrap();
        for place in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1;
            let mut changed = parts.clone();
            let part = encoded(flipped);
            changed[index] = &part;
            invalid.push((format!("bit flipped in byte {place} of the {name}"), changed.join(".")));
        }
        let mut without = parts.clone();
        without.remove(index);
        invalid.push((format!("without its {name}"), without.join(".")));
        let mut empty = parts.clone();
        empty[index] = "";
        invalid.push((format!("with an empty {name}"), empty.join(".")));
    }
    let zeros = format!("{}.{}.{}", parts[0], parts[1], encoded([0; 64]));
    invalid.extend([
        ("a signature of zeros".to_owned(), zeros),
        ("a fourth part".to_owned(), format!("{token}.")),
        ("padded".to_owned(), format!("{token}=")),
        ("the claims of an unsigned JSON".to_owned(), format!("{}.{}.", encoded("{}"), encoded("{}"))),
        ("oversized".to_owned(), format!("{token}{}", "A".repeat(5_000))),
        ("nonsense".to_owned(), "x".to_owned()),
        ("dots".to_owned(), "..".to_owned()),
        ("not base64".to_owned(), "é.é.é".replace('é', "*")),
    ]);
    invalid
}

fn assert_refused(what: &str, response: Response) {
    assert_eq!(response.status.as_u16(), 401, "{what}: {}", response.body);
    let response = response.expect_problem(401, "invalid-token");
    assert_eq!(response.header("www-authenticate"), Some(CHALLENGE), "{what}");
    let detail = response.body["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("The token is invalid or has expired. "),
        "the detail must not reveal the fault: {detail}"
    );
}

#[tokio::test]
async fn only_valid_tokens_of_our_own_are_accepted() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    let token = ana.access_token.clone().unwrap();
    let (valid, key) = (Forged::like(&token), desk.stack.signing_key());
    ana.with_token(valid.signed_with(key)).get("/v1/me").await.expect(200);
    let mut invalid = [with_wrong_headers(&valid, key), with_wrong_claims(&valid, key), corrupted(&token)].concat();
    invalid.push(("a refresh token".to_owned(), ana.refresh_token.clone()));
    assert!(invalid.len() >= 60, "{}", invalid.len());
    for (what, token) in invalid {
        assert_refused(&what, ana.with_token(token).get("/v1/me").await);
    }
    desk.assert_no_process_died();
}

#[tokio::test]
async fn anything_other_than_one_bearer_token_is_refused() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    let token = ana.access_token.clone().unwrap();
    for header in [
        "Basic YTpi".to_owned(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        "Bearer  ".to_owned(),
        token.clone(),
        format!("Bearer {token} {token}"),
        format!("Bearer {token},Bearer {token}"),
        format!("Bearer \"{token}\""),
        format!("Token {token}"),
    ] {
        let headers = [("authorization", header.as_str())];
        let response = desk.anyone().send(Method::GET, "/v1/me", &headers, Vec::new()).await;
        assert_refused(&header, response);
    }
    // API Gateway joins two headers of the same name with a comma and may write the names in any
    // case.
    let event = |name: &str, value: String| {
        json!({
            "rawPath": "/v1/me", "headers": {name: value},
            "requestContext": {"requestId": "r", "http": {"method": "GET"}}
        })
    };
    for (name, value, status) in [
        ("authorization", format!("Bearer {token}, Bearer {token}"), 401),
        ("authorization", String::new(), 401),
        ("Authorization", format!("bearer {token}"), 200),
        // Headers that claim an identity are ignored.
        ("x-amzn-oidc-identity", ana.id.clone(), 401),
        ("x-user-id", ana.id.clone(), 401),
        ("cookie", format!("access_token={token}"), 401),
    ] {
        let response = desk.stack.invoke("me-get", &event(name, value)).await.unwrap();
        assert_eq!(response["statusCode"], status, "{name}");
        let challenge = response["headers"]["www-authenticate"].as_str();
        let expected = if name == "authorization" { CHALLENGE } else { r#"Bearer realm="helpdesk""# };
        assert_eq!(challenge, (status == 401).then_some(expected), "{name}");
    }
    for header in [format!("bearer {token}"), format!("BEARER {token}"), format!("Bearer   {token}")] {
        let headers = [("authorization", header.as_str())];
        let response = desk.anyone().send(Method::GET, "/v1/me", &headers, Vec::new()).await;
        assert_eq!(response.expect(200).body["id"], ana.id, "{header}");
    }
    let query = format!("/v1/me?access_token={token}");
    desk.anyone().get(&query).await.expect_problem(400, "bad-request");
}

#[tokio::test]
async fn without_a_token_the_response_says_how_to_get_one() {
    let desk = Desk::open().await.signing_in_over_http();
    let response = desk.anyone().get("/v1/me").await.expect_problem(401, "unauthenticated");
    assert_eq!(response.header("www-authenticate"), Some(r#"Bearer realm="helpdesk""#));
    assert!(response.body["detail"].as_str().unwrap().contains("/v1/auth/login"));
}

#[tokio::test]
async fn the_key_set_is_published_without_private_keys() {
    let desk = Desk::open().await.signing_in_over_http();
    let keys = desk.anyone().get("/.well-known/jwks.json").await.expect(200).body;
    let key = &keys["keys"][0];
    assert_eq!(key["kid"], desk.stack.signing_key().key_id.as_str());
    assert_eq!((&key["alg"], &key["use"], key.get("d")), (&json!("ES256"), &json!("sig"), None));
}

#[tokio::test]
async fn tokens_of_the_previous_key_are_valid_until_it_is_retired() {
    if embedded_only("it keeps data on disk") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let open = async || {
        let database = local::DatabaseLocation::Directory { path: directory.path().to_owned(), fresh: false };
        Desk::with(1, |options| local::StackOptions { database, ..options }).await.signing_in_over_http()
    };
    let desk = open().await;
    let old = desk.user("Ana").await;
    desk.stack.stop().await;

    local::Stack::rotate_keys(directory.path()).unwrap();
    let desk = open().await;
    let keys = desk.anyone().get("/.well-known/jwks.json").await.expect(200).body;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
    let old = desk.anyone().like(&old);
    old.get("/v1/me").await.expect(200);
    let new = desk.signed_in(old.clone()).await;
    let kid = |token: &Option<String>| Forged::like(token.as_deref().unwrap()).header["kid"].clone();
    assert_ne!(kid(&new.access_token), kid(&old.access_token));
    assert_eq!(claims_of(new.access_token.as_deref().unwrap())["sub"], old.id.as_str());
    new.get("/v1/me").await.expect(200);
    desk.stack.stop().await;

    local::Stack::rotate_keys(directory.path()).unwrap();
    let desk = open().await;
    assert_refused("a retired key", desk.anyone().like(&old).get("/v1/me").await);
    desk.anyone().like(&new).get("/v1/me").await.expect(200);
    assert!(local::Stack::rotate_keys(directory.path()).unwrap_err().to_string().contains("stop it first"));
}
