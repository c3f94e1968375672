use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Desk, Response};

async fn refresh(desk: &Desk, token: &str) -> Response {
    desk.anyone().post("/v1/auth/refresh", json!({"refresh_token": token})).await
}

fn refresh_token(tokens: &Value) -> String {
    tokens["refresh_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_refresh_token_is_valid_once_and_reuse_ends_the_session() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    let first = refresh(&desk, &ana.refresh_token).await.expect(200).body;
    ana.with_token(first["access_token"].as_str().unwrap()).get("/v1/me").await.expect(200);
    let second = refresh(&desk, &refresh_token(&first)).await.expect(200).body;
    refresh(&desk, &ana.refresh_token).await.expect_problem(401, "invalid-token");
    refresh(&desk, &refresh_token(&second)).await.expect_problem(401, "invalid-token");
}

#[tokio::test]
async fn a_forged_refresh_token_ends_no_session() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    // The user and the session are right, but the secret of the device is not.
    let mut bytes = URL_SAFE_NO_PAD.decode(&ana.refresh_token).unwrap();
    bytes[40] ^= 1;
    refresh(&desk, &URL_SAFE_NO_PAD.encode(&bytes)).await.expect_problem(401, "invalid-token");
    for nonsense in ["", "x", &ana.refresh_token[1..], ana.access_token.as_deref().unwrap()] {
        refresh(&desk, nonsense).await.expect_problem(401, "invalid-token");
    }
    refresh(&desk, &ana.refresh_token).await.expect(200);
}

#[tokio::test]
async fn a_role_change_ends_the_sessions_of_the_user() {
    let desk = Desk::open().await.signing_in_over_http();
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    desk.signed_in(ana.clone()).await;
    admin.put(&format!("/v1/users/{}/role", ana.id), json!({"role": "technician"})).await.expect(200);
    refresh(&desk, &ana.refresh_token).await.expect_problem(401, "invalid-token");
    assert_eq!(ana.get("/v1/me/sessions").await.expect(200).items().len(), 0);
    let ana = desk.signed_in(ana).await;
    assert_eq!(crate::support::claims_of(ana.access_token.as_deref().unwrap())["role"], "technician");
}

#[tokio::test]
async fn one_of_64_concurrent_uses_of_a_token_succeeds_and_the_family_ends() {
    let desk = Desk::with_instances(8).await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    let phone = desk.signed_in(ana.clone()).await;
    let responses = join_all((0..64).map(|_| refresh(&desk, &ana.refresh_token))).await;
    let (won, lost): (Vec<&Response>, Vec<&Response>) = responses.iter().partition(|response| response.status == 200);
    assert_eq!((won.len(), lost.len()), (1, 63));
    assert!(lost.iter().all(|response| response.body["type"] == "/problems/invalid-token"));
    // A reused token means that one of them was stolen, so the whole family is revoked. Other
    // devices are not affected.
    refresh(&desk, &refresh_token(&won[0].body)).await.expect_problem(401, "invalid-token");
    refresh(&desk, &ana.refresh_token).await.expect_problem(401, "invalid-token");
    let phone = refresh(&desk, &phone.refresh_token).await.expect(200).body;
    let body = json!({"refresh_token": refresh_token(&phone)});
    desk.anyone().post("/v1/auth/logout", body).await.expect(204);
    refresh(&desk, &refresh_token(&phone)).await.expect_problem(401, "invalid-token");
}
