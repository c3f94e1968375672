use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Desk, assert_unchanged};

async fn patch(admin: &Caller, user: &Caller, body: Value) -> Answer {
    admin.send_json(Method::PATCH, &format!("/v1/users/{}", user.id), body).await
}

async fn sign_in(desk: &Desk, email: &str) -> Answer {
    desk.anyone().post("/v1/auth/login", json!({"email": email, "password": "correct horse battery"})).await
}

#[tokio::test]
async fn an_admin_changes_a_name_and_an_address_and_the_old_address_is_free_again() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
    let patched = patch(&admin, &ana, json!({"name": "Ana Lima", "email": "Ana.Lima@example.org"})).await.expect(200);
    assert_eq!((&patched.body["name"], &patched.body["email"]), (&json!("Ana Lima"), &json!("Ana.Lima@example.org")));
    assert_eq!(ana.get("/v1/me").await.expect(200).body, patched.body);
    sign_in(&desk, "ana.lima@example.org").await.expect(200);
    sign_in(&desk, &ana.email).await.expect_problem(401, "invalid-credentials");

    let before = desk.stored().await;
    let taken = json!({"name": "Not Bea", "email": "ANA.LIMA@example.org"});
    patch(&admin, &bea, taken).await.expect_problem(409, "email-taken");
    assert_unchanged(&before, &desk.stored().await, "a taken address");
    patch(&admin, &bea, json!({"email": ana.email})).await.expect(200);
    sign_in(&desk, &ana.email).await.expect(200);
    let case_alone = patch(&admin, &ana, json!({"email": "ana.lima@example.org"})).await.expect(200);
    assert_eq!(case_alone.body["email"], "ana.lima@example.org");
    sign_in(&desk, "ana.lima@example.org").await.expect(200);
}

#[tokio::test]
async fn a_patch_that_changes_nothing_or_may_not_change_what_it_says_writes_nothing() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let before = desk.stored().await;
    for body in [json!({}), json!({"name": "Ana"}), json!({"email": ana.email})] {
        let same = patch(&admin, &ana, body).await.expect(200);
        assert_eq!(same.body["created_at"], same.body["updated_at"]);
    }
    let body = json!({"name": null, "email": "x", "role": "admin", "active": false});
    let problem = patch(&admin, &ana, body).await.expect_problem(422, "validation-failed");
    assert_eq!(problem.pointers(), ["/name", "/email", "/active", "/role"]);
    patch(&admin, &admin, json!({"name": "Boss"})).await.expect_problem(409, "not-on-yourself");
    assert_unchanged(&before, &desk.stored().await, "a patch");
}
