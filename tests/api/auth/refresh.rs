use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};
use support::wire::Fate;

use crate::support::{Desk, Response, eventually};

/// How long a device waits for a function that may be dead.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);

async fn refresh(desk: &Desk, token: &str) -> Response {
    desk.anyone().post("/v1/auth/refresh", json!({"refresh_token": token})).await
}

fn refresh_token(tokens: &Value) -> String {
    tokens["refresh_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_replaced_token_is_answered_for_a_while_and_later_ends_the_session() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    let first = refresh(&desk, &ana.refresh_token).await.expect(200).body;
    ana.with_token(first["access_token"].as_str().unwrap()).get("/v1/me").await.expect(200);
    // A repeated request, and one that was sent before the answer arrived.
    for token in [&ana.refresh_token, &refresh_token(&first)] {
        let again = refresh(&desk, token).await.expect(200).body;
        assert_eq!(refresh_token(&again), refresh_token(&first));
        ana.with_token(again["access_token"].as_str().unwrap()).get("/v1/me").await.expect(200);
    }
    desk.let_overlaps_end().await;
    let second = refresh(&desk, &refresh_token(&first)).await.expect(200).body;
    assert_ne!(refresh_token(&second), refresh_token(&first));
    desk.let_overlaps_end().await;
    refresh(&desk, &refresh_token(&first)).await.expect_problem(401, "invalid-token");
    refresh(&desk, &refresh_token(&second)).await.expect_problem(401, "invalid-token");
}

#[tokio::test]
async fn a_device_whose_answer_is_lost_stays_signed_in() {
    let (desk, wire) = Desk::with_wire(1, |_| {}).await;
    let desk = desk.signing_in_over_http();
    let ana = desk.user("Ana").await;
    let mut token = ana.refresh_token.clone();
    for fate in [Fate::KillBefore, Fate::KillAfter, Fate::LoseAnswer, Fate::Break] {
        let met = Arc::new(AtomicBool::new(false));
        let meets = Arc::clone(&met);
        wire.disturb(move |call| {
            let rotates = call.function == "auth-refresh" && call.operation == "UpdateItem";
            if rotates && !meets.swap(true, Ordering::SeqCst) { fate } else { Fate::Pass }
        });
        let body = json!({"refresh_token": token}).to_string().into_bytes();
        let headers = [("content-type", "application/json")];
        let anyone = desk.anyone();
        let refreshed = eventually("the token is refreshed", async || {
            let sent = anyone.try_send(Method::POST, "/v1/auth/refresh", &headers, body.clone(), RESPONSE_TIMEOUT);
            let response = sent.await.filter(|response| ![500, 502, 503].contains(&response.status.as_u16()))?;
            Some(response.expect(200).body)
        });
        let refreshed = refreshed.await;
        assert!(met.load(Ordering::SeqCst), "{fate:?}");
        wire.calm();
        assert_ne!(refresh_token(&refreshed), token, "{fate:?}");
        token = refresh_token(&refreshed);
        desk.let_overlaps_end().await;
    }
    refresh(&desk, &token).await.expect(200);
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
async fn of_64_concurrent_uses_of_a_token_all_get_the_same_next_one() {
    let desk = Desk::with_instances(8).await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    let phone = desk.signed_in(ana.clone()).await;
    let responses = join_all((0..64).map(|_| refresh(&desk, &ana.refresh_token))).await;
    let next: BTreeSet<String> =
        responses.into_iter().map(|response| refresh_token(&response.expect(200).body)).collect();
    assert_eq!(next.len(), 1);
    let next = next.first().unwrap();
    desk.let_overlaps_end().await;
    // A token that is used again later was stolen, or its thief was faster. So all concurrent uses
    // are refused, and the whole family ends. Other devices are not affected.
    for response in join_all((0..64).map(|_| refresh(&desk, &ana.refresh_token))).await {
        response.expect_problem(401, "invalid-token");
    }
    refresh(&desk, next).await.expect_problem(401, "invalid-token");
    let phone = refresh(&desk, &phone.refresh_token).await.expect(200).body;
    let body = json!({"refresh_token": refresh_token(&phone)});
    desk.anyone().post("/v1/auth/logout", body).await.expect(204);
    refresh(&desk, &refresh_token(&phone)).await.expect_problem(401, "invalid-token");
}

#[tokio::test]
async fn a_device_signs_out_with_a_token_that_was_just_replaced() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    let next = refresh(&desk, &ana.refresh_token).await.expect(200).body;
    desk.anyone().post("/v1/auth/logout", json!({"refresh_token": ana.refresh_token})).await.expect(204);
    for token in [&ana.refresh_token, &refresh_token(&next)] {
        refresh(&desk, token).await.expect_problem(401, "invalid-token");
    }
}
