use http::Method;
use serde_json::{Value, json};
use support::wire::Fate;

use crate::support::table::{partition_begins, sort_key_begins};
use crate::support::{Caller, Desk, Response, assert_unchanged};

async fn patch(admin: &Caller, user: &Caller, body: Value) -> Response {
    admin.send_json(Method::PATCH, &format!("/v1/users/{}", user.id), body).await
}

async fn sign_in(desk: &Desk, email: &str) -> Response {
    desk.anyone().post("/v1/auth/login", json!({"email": email, "password": "correct horse battery"})).await
}

#[tokio::test]
async fn an_admin_changes_name_and_address_and_frees_the_old_address() {
    let desk = Desk::open().await.signing_in_over_http();
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
async fn a_patch_that_is_refused_or_has_no_effect_writes_nothing() {
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
    let body = json!({"name": "Boss", "email": "boss@example.org"});
    patch(&admin, &admin, body).await.expect_problem(409, "not-on-yourself");
    assert_unchanged(&before, &desk.stored().await, "a patch");
    let renamed = patch(&admin, &admin, json!({"name": "Boss"})).await.expect(200);
    assert_eq!((&renamed.body["name"], &renamed.body["role"]), (&json!("Boss"), &json!("admin")));
}

#[tokio::test]
async fn a_reactivated_user_keeps_the_password_but_not_the_sessions() {
    let (desk, wire) = Desk::with_wire(1, |_| {}).await;
    let desk = desk.signing_in_over_http();
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let path = format!("/v1/users/{}", ana.id);
    // A session that neither the request nor the worker deletes. Reactivation must not make it
    // valid.
    desk.stack.instances().unwrap().hold("workers-accounts").await.unwrap();
    wire.disturb(|call| if call.operation == "BatchWriteItem" { Fate::Break } else { Fate::Pass });
    admin.send(Method::DELETE, &path, &[], Vec::new()).await.expect(204);
    wire.calm();
    sign_in(&desk, &ana.email).await.expect_problem(401, "invalid-credentials");
    let taken = patch(&admin, &tina, json!({"email": ana.email})).await.expect_problem(409, "email-taken");
    assert!(taken.body["detail"].as_str().unwrap().contains("an admin can"), "{}", taken.body);

    let before = desk.stored().await;
    tina.send_json(Method::PATCH, &path, json!({"active": true})).await.expect_problem(403, "forbidden");
    let deactivating = patch(&admin, &ana, json!({"active": false})).await.expect_problem(422, "validation-failed");
    assert!(deactivating.body["errors"][0]["detail"].as_str().unwrap().contains("DELETE"), "{}", deactivating.body);
    assert_unchanged(&before, &desk.stored().await, "a refused change");

    let events = async || {
        let events =
            desk.items(|item| sort_key_begins(item, "EVENT#") && partition_begins(item, &format!("USER#{}", ana.id)));
        events.await.into_iter().map(|event| event["type"].as_s().unwrap().clone()).collect::<Vec<_>>()
    };
    let patched = patch(&admin, &ana, json!({"active": true, "name": "Ana Lima"})).await.expect(200);
    assert_eq!((&patched.body["active"], &patched.body["name"]), (&json!(true), &json!("Ana Lima")));
    assert_eq!(events().await, ["deactivated", "reactivated"]);
    let refresh = json!({"refresh_token": ana.refresh_token});
    desk.anyone().post("/v1/auth/refresh", refresh).await.expect_problem(401, "invalid-token");
    let tokens = sign_in(&desk, &ana.email).await.expect(200).body;
    let refresh = json!({"refresh_token": tokens["refresh_token"]});
    desk.anyone().post("/v1/auth/refresh", refresh).await.expect(200);

    let before = desk.stored().await;
    patch(&admin, &ana, json!({"active": true})).await.expect(200);
    patch(&admin, &admin, json!({"active": true})).await.expect(200);
    assert_unchanged(&before, &desk.stored().await, "a change without effect");
    // The worker handles the events of the account, and keeps sessions that began later.
    desk.stack.instances().unwrap().resume("workers-accounts").await.unwrap();
    desk.wait_until_idle().await;
    let sessions = desk.signed_in(ana.clone()).await.all_pages("/v1/me/sessions", 100).await;
    assert_eq!(sessions.len(), 2, "only the sessions since the reactivation remain: {sessions:?}");
}
