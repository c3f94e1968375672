use http::Method;
use serde_json::json;

use crate::support::Desk;

#[tokio::test]
async fn only_one_account_is_created_for_an_address_in_any_case() {
    let desk = Desk::open().await.signing_in_over_http();
    let body = json!({"name": "Ana", "email": "Ana@Example.org", "password": "correct horse battery"});
    let user = desk.anyone().post("/v1/auth/register", body).await.expect(201);
    assert_eq!(user.body["email"], "Ana@Example.org");
    assert_eq!(user.body["role"], "user");
    assert_eq!(user.body["active"], true);
    let id = user.body["id"].as_str().unwrap();
    assert_eq!(user.header("location"), Some(format!("/v1/users/{id}").as_str()));
    assert!(!user.body.to_string().contains("argon2"), "the response must not have the hash");

    let before = desk.stored().await;
    let body = json!({"name": "Not Ana", "email": "ana@example.ORG", "password": "battery horse correct"});
    desk.anyone().post("/v1/auth/register", body).await.expect_problem(409, "email-taken");
    assert_eq!(desk.stored().await, before);
}

#[tokio::test]
async fn too_many_registrations_from_a_network_have_to_wait() {
    let desk = Desk::with(1, |mut options| {
        options.parameters.insert("RegistrationsPerNetwork".to_owned(), "10".to_owned());
        options
    });
    let desk = desk.await;
    // The address is taken from the second one on, which counts as well.
    let body = json!({"name": "Ana", "email": "ana@example.org", "password": "correct horse battery"});
    for _ in 0..20 {
        let response = desk.anyone().post("/v1/auth/register", body.clone()).await;
        if response.status == 429 {
            assert!(response.header("retry-after").is_some());
            response.expect_problem(429, "too-many-requests");
            return;
        }
    }
    panic!("twenty registrations in a row were taken");
}

/// SES cannot send mail to any of these, so their owners could never be notified.
#[tokio::test]
async fn an_address_that_cannot_be_mailed_is_refused() {
    let desk = Desk::open().await.signing_in_over_http();
    let (admin, ana) = (desk.admin().await, desk.user("Ana").await);
    let before = desk.stored().await;
    for email in ["\"a b1\"@b.co", "\"tab\t1\"@b.co", "\" 1\"@b.co", "ana@b_c.co"] {
        let body = json!({"name": "Ana", "email": email, "password": "correct horse battery"});
        let refused = desk.anyone().post("/v1/auth/register", body).await.expect_problem(422, "validation-failed");
        assert_eq!(refused.pointers(), ["/email"]);
        let path = format!("/v1/users/{}", ana.id);
        let refused = admin.send_json(Method::PATCH, &path, json!({"email": email})).await;
        assert_eq!(refused.expect_problem(422, "validation-failed").pointers(), ["/email"]);
    }
    assert_eq!(desk.stored().await, before);
    // An address of an old account can still be looked up.
    let found = admin.get("/v1/users?email=%22a%20b1%22%40b.co").await.expect(200);
    assert_eq!(found.items(), [] as [serde_json::Value; 0]);
    let odd = json!({"name": "Bea", "email": "\"a@b,c\"@b.co", "password": "correct horse battery"});
    desk.anyone().post("/v1/auth/register", odd).await.expect(201);
}

/// Addresses are often pasted, and the keyboards of phones add a space after a word.
#[tokio::test]
async fn whitespace_around_an_address_is_ignored_wherever_one_is_sent() {
    let desk = Desk::open().await.signing_in_over_http();
    let admin = desk.admin().await;
    let password = "correct horse battery";
    let body = json!({"name": "Ana", "email": " ana@example.org\n", "password": password});
    let user = desk.anyone().post("/v1/auth/register", body.clone()).await.expect(201).body;
    assert_eq!(user["email"], "ana@example.org");
    desk.anyone().post("/v1/auth/register", body).await.expect_problem(409, "email-taken");

    let path = format!("/v1/users/{}", user["id"].as_str().unwrap());
    let changed = admin.send_json(Method::PATCH, &path, json!({"email": "\u{a0}bea@example.org\u{200b}"})).await;
    assert_eq!(changed.expect(200).body["email"], "bea@example.org");
    let sign_in = json!({"email": "bea@example.org ", "password": password});
    desk.anyone().post("/v1/auth/login", sign_in).await.expect(200);

    desk.anyone().post("/v1/auth/password/forgot", json!({"email": "\tbea@example.org"})).await.expect(202);
    let token = format!(" {} ", desk.mailed_tokens("bea@example.org", 1).await[0]);
    let reset = json!({"token": token, "password": "the colour of another horse"});
    desk.anyone().post("/v1/auth/password/reset", reset).await.expect(204);
}

#[tokio::test]
async fn server_owned_fields_cannot_be_sent() {
    let desk = Desk::open().await.signing_in_over_http();
    let before = desk.stored().await;
    let body = json!({
        "name": "", "email": "nobody", "password": "short",
        "role": "admin", "id": "x", "active": true, "created_at": "2026-01-01T00:00:00.000Z"
    });
    let problem = desk.anyone().post("/v1/auth/register", body).await.expect_problem(422, "validation-failed");
    let pointers = ["/name", "/email", "/password", "/active", "/created_at", "/id", "/role"];
    assert_eq!(problem.pointers(), pointers, "all faults at once");
    assert_eq!(desk.stored().await, before);
}
