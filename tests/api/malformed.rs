//! Malformed requests: each is refused with the reason, nothing is stored, and no process dies.

use http::Method;
use serde_json::json;

use crate::support::{Caller, Desk};

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

async fn send(caller: &Caller, headers: &[(&str, &str)], body: &[u8]) -> crate::support::Response {
    caller.send(Method::POST, "/v1/tickets", headers, body.to_vec()).await
}

#[tokio::test]
async fn an_invalid_body_is_refused_with_the_reasons_and_changes_nothing() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let before = desk.stored().await;

    let problem = send(&ana, &JSON, br#"{"title": "x","#).await.expect_problem(400, "bad-request");
    assert!(problem.body["detail"].as_str().unwrap().contains("line 1"), "{}", problem.body);
    send(&ana, &JSON, b"").await.expect_problem(400, "bad-request");
    send(&ana, &JSON, br#"{"title": "\ud800", "description": "x"}"#).await.expect_problem(400, "bad-request");
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    send(&ana, &JSON, deep.as_bytes()).await.expect_problem(400, "bad-request");
    send(&ana, &[("content-type", "text/plain")], b"{}").await.expect_problem(415, "unsupported-media-type");
    send(&ana, &[], b"{}").await.expect_problem(415, "unsupported-media-type");
    let huge = json!({"title": "x", "description": "x".repeat(1 << 20)}).to_string();
    send(&ana, &JSON, huge.as_bytes()).await.expect_problem(413, "too-large");

    for (body, pointers) in [
        (json!({}), vec!["/title", "/description"]),
        (json!([]), vec![""]),
        (json!({"title": 7, "description": null}), vec!["/title", "/description"]),
        (json!({"title": "x".repeat(151), "description": "x"}), vec!["/title"]),
        (json!({"title": "x", "description": "x".repeat(10_001)}), vec!["/description"]),
        (json!({"title": " ", "description": "a\u{0}b"}), vec!["/title", "/description"]),
        (
            json!({"title": "\u{3164}", "description": "\u{2800}", "category": "\u{ad}", "tags": ["\u{fe0f}"]}),
            vec!["/title", "/description", "/category", "/tags/0"],
        ),
        (json!({"title": "x", "description": "x", "priority": "asap"}), vec!["/priority"]),
        (json!({"title": "x", "description": "x", "category": "x".repeat(51)}), vec!["/category"]),
        (json!({"title": "x", "description": "x", "tags": ["a", 1, "a".repeat(31)]}), vec!["/tags/1", "/tags/2"]),
        (json!({"title": "x", "description": "x", "tags": vec!["a"; 11]}), vec!["/tags"]),
        (json!({"title": "x", "description": "x", "tags": ["a", "a"]}), vec!["/tags/1"]),
        (json!({"title": "x", "description": "x", "requester_id": "me"}), vec!["/requester_id"]),
        (json!({"title": "x", "description": "x", "follow_up_of": -1}), vec!["/follow_up_of"]),
        (
            json!({"title": "x", "description": "x", "number": 1, "status": "closed", "version": 9, "assignee": null}),
            vec!["/assignee", "/number", "/status", "/version"],
        ),
    ] {
        let problem = ana.post("/v1/tickets", body.clone()).await.expect_problem(422, "validation-failed");
        assert_eq!(problem.pointers(), pointers, "{body}");
    }
    assert_eq!(desk.stored().await, before);
    desk.assert_no_process_died();
}

#[tokio::test]
async fn texts_may_reach_their_limits() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let body = json!({
        "title": "🖨".repeat(150), "description": "🖨".repeat(10_000), "category": "🖨".repeat(50),
        "tags": (0..10).map(|n| format!("{n}{}", "🖨".repeat(29))).collect::<Vec<_>>()
    });
    let ticket = ana.post("/v1/tickets", body.clone()).await.expect(201).body;
    for field in ["title", "description", "category", "tags"] {
        assert_eq!(ticket[field], body[field], "{field}");
    }
    // The same text with every character escaped is the largest possible body.
    let escaped: String = "\\ud83d\\udda8".repeat(10_000);
    let raw = format!(r#"{{"title": "x", "description": "{escaped}"}}"#);
    let response = ana.send(Method::POST, "/v1/tickets", &JSON, raw.into_bytes()).await.expect(201);
    assert_eq!(response.body["description"], body["description"]);
}

#[tokio::test]
async fn an_unknown_query_parameter_is_refused_and_changes_nothing() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let number = desk.ticket(&ana).await;
    let before = desk.stored().await;
    let ticket = json!({"title": "x", "description": "x"});
    let credentials = json!({"email": ana.email, "password": "correct horse battery"});
    for response in [
        ana.post_empty(&format!("/v1/tickets/{number}/withdraw?dry_run=true")).await,
        ana.post("/v1/tickets?x=1", ticket).await,
        ana.post(&format!("/v1/tickets/{number}/comments?x=1"), json!({"body": "x"})).await,
        admin.put(&format!("/v1/users/{}/role?x=1", ana.id), json!({"role": "admin"})).await,
        desk.anyone().post("/v1/auth/login?x=1", credentials).await,
        ana.get("/v1/me?x=1").await,
        ana.get(&format!("/v1/tickets/{number}?x")).await,
    ] {
        response.expect_problem(400, "bad-request");
    }
    assert_eq!(desk.stored().await, before);
}

#[tokio::test]
async fn a_duplicate_member_is_reported_and_changes_nothing() {
    let desk = Desk::open().await;
    let (admin, ana) = (desk.admin().await, desk.user("Ana").await);
    let number = desk.ticket(&ana).await;
    let role = format!("/v1/users/{}/role", ana.id);
    let ticket = format!("/v1/tickets/{number}");
    let before = desk.stored().await;
    for (caller, method, path, body, pointer) in [
        (&admin, Method::PUT, role.as_str(), r#"{"role": "nonsense", "role": "technician"}"#, "/role"),
        (&admin, Method::PUT, role.as_str(), r#"{"role": "technician", "\u0072ole": "technician"}"#, "/role"),
        (
            &ana,
            Method::POST,
            "/v1/tickets",
            r#"{"title": "x", "description": "x", "tags": [{"a": 1, "a": 2}]}"#,
            "/tags/0/a",
        ),
        (&ana, Method::PATCH, ticket.as_str(), r#"{"title": "x", "title": "x"}"#, "/title"),
        (&ana, Method::PATCH, "/v1/me", r#"{"name": "A", "name": "B"}"#, "/name"),
        (
            &ana,
            Method::PUT,
            "/v1/me/notification-preferences",
            r#"{"email": {"closed": true, "closed": false}}"#,
            "/email/closed",
        ),
        (
            &ana,
            Method::POST,
            "/v1/auth/password/forgot",
            r#"{"email": "a@example.org", "email": "b@example.org"}"#,
            "/email",
        ),
    ] {
        let mut headers = JSON.to_vec();
        headers.extend((path == ticket).then_some(("if-match", "*")));
        let response = caller.send(method, path, &headers, body.as_bytes().to_vec()).await;
        let problem = response.expect_problem(400, "bad-request");
        let detail = problem.body["detail"].as_str().unwrap();
        assert!(detail.contains(&format!("`{pointer}`")), "{path}: {detail}");
    }
    assert_eq!(desk.stored().await, before);
    let account =
        r#"{"name": "A", "email": "a@example.org", "email": "b@example.org", "password": "a horse of another colour"}"#;
    // The payload of an operator's invocation is JSON too. The local interface passes it on byte
    // for byte.
    let client = local::http::Client::default();
    let url = format!("{}/2015-03-31/functions/users-create-admin/invocations", desk.stack.base_url());
    let within = std::time::Duration::from_secs(30);
    desk.stack.instances().unwrap().want("users-create-admin");
    let refused = client.send(Method::POST, &url, &JSON, account.into(), within).await.unwrap();
    let message = String::from_utf8_lossy(&refused.body).into_owned();
    assert!(message.contains("/email"), "{} {message}", refused.status);
    assert_eq!(desk.stored().await, before);
}

/// Events that API Gateway could pass on, but that no HTTP client would cause.
#[tokio::test]
async fn an_event_that_is_not_a_valid_request_still_gets_a_response() {
    let desk = Desk::open().await;
    let event = |query: &str, header: &str, value: &str, body: &str| {
        json!({
            "rawPath": "/v1/me", "rawQueryString": query, "headers": {header: value}, "body": body, "isBase64Encoded": true,
            "requestContext": {"requestId": "r", "http": {"method": "GET"}}
        })
    };
    for (event, status) in [
        (event("a=<b", "host", "x", ""), 400),
        (event("a=b c", "host", "x", ""), 400),
        (event("%ff%fe=%zz", "host", "x", ""), 400),
        (event("", "host", "a b", ""), 401),
        (event("", "x-name", "é\u{1}", ""), 401),
        (event("", "content-type", "application/json", "not base64!"), 401),
    ] {
        let response = desk.stack.invoke("me-get", &event).await.unwrap();
        assert_eq!(response["statusCode"], status, "{event}");
    }
    let not_base64 = event("", "content-type", "application/json", "not base64!");
    assert_eq!(desk.stack.invoke("auth-login", &not_base64).await.unwrap()["statusCode"], 400);
    // Base64 of three million bytes.
    let too_large = event("", "host", "a b", &"AAAA".repeat(1_000_000));
    assert_eq!(desk.stack.invoke("auth-login", &too_large).await.unwrap()["statusCode"], 413);
    desk.assert_no_process_died();
}
