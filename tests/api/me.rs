use http::Method;
use serde_json::json;

use crate::support::Desk;

#[tokio::test]
async fn a_new_name_is_shown_from_then_on_and_the_log_keeps_the_old_name() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let number = desk.ticket(&ana).await;
    for content_type in ["application/json", "application/merge-patch+json"] {
        let body = json!({"name": "Ana Lima"}).to_string().into_bytes();
        let headers = [("content-type", content_type)];
        let user = ana.send(Method::PATCH, "/v1/me", &headers, body).await.expect(200);
        assert_eq!(user.body["name"], "Ana Lima");
    }
    let ana = desk.signed_in(ana).await;
    assert_eq!(ana.get("/v1/me").await.expect(200).body["name"], "Ana Lima");
    let comments = format!("/v1/tickets/{number}/comments");
    let comment = ana.post(&comments, json!({"body": "It is me."})).await.expect(201);
    assert_eq!(comment.body["author"]["name"], "Ana Lima");
    let events = ana.get(&format!("/v1/tickets/{number}/events")).await.expect(200);
    assert_eq!(events.items()[0]["actor"]["name"], "Ana");
}

#[tokio::test]
async fn server_owned_fields_cannot_be_patched() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let before = desk.stored().await;
    let body = json!({"name": null, "role": "admin", "email": "x@example.org", "active": false});
    let problem = ana.send_json(Method::PATCH, "/v1/me", body).await.expect_problem(422, "validation-failed");
    assert_eq!(problem.pointers(), ["/name", "/active", "/email", "/role"]);
    assert_eq!(desk.stored().await, before);
}

#[tokio::test]
async fn a_password_change_signs_out_every_other_device() {
    let desk = Desk::open().await.signing_in_over_http();
    let laptop = desk.user("Ana").await;
    let phone = desk.signed_in(laptop.clone()).await;
    let change = |current: &str, new: &str| json!({"current_password": current, "new_password": new});
    let before = desk.stored().await;
    let wrong = phone.post("/v1/me/password", change("not my password", "the colour of another horse")).await;
    assert_eq!(wrong.expect_problem(422, "validation-failed").pointers(), ["/current_password"]);
    let short = phone.post("/v1/me/password", change("correct horse battery", "short")).await;
    assert_eq!(short.expect_problem(422, "validation-failed").pointers(), ["/new_password"]);
    assert_eq!(desk.stored().await, before);

    let body = change("correct horse battery", "the colour of another horse");
    phone.post("/v1/me/password", body).await.expect(204);
    let sign_in = |password: &str| json!({"email": laptop.email, "password": password});
    let anyone = desk.anyone();
    anyone.post("/v1/auth/login", sign_in("correct horse battery")).await.expect_problem(401, "invalid-credentials");
    anyone.post("/v1/auth/login", sign_in("the colour of another horse")).await.expect(200);
    let refresh = |token: &str| json!({"refresh_token": token});
    anyone.post("/v1/auth/refresh", refresh(&laptop.refresh_token)).await.expect_problem(401, "invalid-token");
    anyone.post("/v1/auth/refresh", refresh(&phone.refresh_token)).await.expect(200);
}

#[tokio::test]
async fn a_password_change_without_a_session_asks_to_sign_in_first() {
    let desk = Desk::open().await.signing_in_over_http();
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    desk.anyone().post("/v1/auth/logout", json!({"refresh_token": ana.refresh_token})).await.expect(204);
    admin.put(&format!("/v1/users/{}/role", tina.id), json!({"role": "user"})).await.expect(200);
    for caller in [&ana, &tina] {
        let body = json!({"current_password": "correct horse battery", "new_password": "the colour of another horse"});
        let refusal = caller.post("/v1/me/password", body).await.expect_problem(401, "invalid-token");
        assert!(refusal.body["detail"].as_str().unwrap().contains("Sign in again"), "{}", refusal.body);
        let sign_in = json!({"email": caller.email, "password": "correct horse battery"});
        desk.anyone().post("/v1/auth/login", sign_in).await.expect(200);
    }
}
