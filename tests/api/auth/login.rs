use serde_json::json;

use crate::support::{Desk, claims_of};

#[tokio::test]
async fn a_sign_in_returns_tokens_with_the_documented_claims() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    let body = json!({"email": ana.email.to_uppercase(), "password": "correct horse battery"});
    let tokens = desk.anyone().post("/v1/auth/login", body).await.expect(200).body;
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 600);
    let access = tokens["access_token"].as_str().unwrap();
    let header = jsonwebtoken::decode_header(access).unwrap();
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    assert_eq!(header.kid.as_ref(), Some(&desk.stack.signing_key().key_id));
    let claims = claims_of(access);
    assert_eq!(claims["sub"], ana.id.as_str());
    assert_eq!(claims["role"], "user");
    assert_eq!(claims["iss"], desk.stack.parameter("TokenIssuer").unwrap());
    assert_eq!(claims["aud"], desk.stack.parameter("TokenAudience").unwrap());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
    let me = ana.with_token(access).get("/v1/me").await.expect(200);
    assert_eq!(me.body["id"], ana.id.as_str());
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_get_the_same_response() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    let wrong = json!({"email": ana.email, "password": "incorrect horse battery"});
    let unknown = json!({"email": "nobody@example.org", "password": "correct horse battery"});
    let nonsense = json!({"email": "", "password": ""});
    let mut responses = Vec::new();
    for body in [wrong, unknown, nonsense] {
        let mut response = desk.anyone().post("/v1/auth/login", body).await.expect_problem(401, "invalid-credentials");
        assert_eq!(response.header("www-authenticate"), Some(r#"Bearer realm="helpdesk""#));
        response.body["instance"] = json!(null);
        responses.push(response.body);
    }
    assert_eq!(responses[0], responses[1]);
    assert_eq!(responses[0], responses[2]);
}
