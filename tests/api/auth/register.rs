use serde_json::json;

use crate::support::Desk;

#[tokio::test]
async fn an_account_is_made_once_for_an_address_in_any_case() {
    let desk = Desk::open().await;
    let body = json!({"name": "Ana", "email": "Ana@Example.org", "password": "correct horse battery"});
    let user = desk.anyone().post("/v1/auth/register", body).await.expect(201);
    assert_eq!(user.body["email"], "Ana@Example.org");
    assert_eq!(user.body["role"], "user");
    assert_eq!(user.body["active"], true);
    let id = user.body["id"].as_str().unwrap();
    assert_eq!(user.header("location"), Some(format!("/v1/users/{id}").as_str()));
    assert!(!user.body.to_string().contains("argon2"), "the hash is nobody's business");

    let before = desk.stored().await;
    let body = json!({"name": "Not Ana", "email": "ana@example.ORG", "password": "battery horse correct"});
    desk.anyone().post("/v1/auth/register", body).await.expect_problem(409, "email-taken");
    assert_eq!(desk.stored().await, before);
}

#[tokio::test]
async fn what_the_server_owns_cannot_be_sent() {
    let desk = Desk::open().await;
    let before = desk.stored().await;
    let body = json!({
        "name": "", "email": "nobody", "password": "short",
        "role": "admin", "id": "x", "active": true, "created_at": "2026-01-01T00:00:00.000Z"
    });
    let problem = desk.anyone().post("/v1/auth/register", body).await.expect_problem(422, "validation-failed");
    let pointers = ["/name", "/email", "/password", "/active", "/created_at", "/id", "/role"];
    assert_eq!(problem.pointers(), pointers, "every fault at once");
    assert_eq!(desk.stored().await, before);
}
