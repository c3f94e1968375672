//! What functions log: one line for each request, metrics in CloudWatch's format, and one trace
//! from the request to the mail.

use serde_json::{Value, json};

use crate::support::table::{number, partition_begins};
use crate::support::{Desk, eventually};

/// Returns the lines of the function with this message.
fn lines(desk: &Desk, function: &str, message: &str) -> Vec<Value> {
    let printed = desk.stack.printed_by(function).into_iter();
    let lines = printed.filter_map(|line| serde_json::from_str::<Value>(&line).ok());
    lines.filter(|line| line["message"] == message).collect()
}

async fn line(desk: &Desk, function: &str, message: &str) -> Value {
    eventually("the line is printed", async || lines(desk, function, message).pop()).await
}

/// Returns the names of the metrics in a line, each with its dimensions. All must be in the
/// namespace of the stack and have a value.
fn metrics(line: &Value) -> Vec<(String, Value)> {
    let directives = line["_aws"]["CloudWatchMetrics"].as_array().unwrap();
    let metric = |directive: &Value| {
        assert_eq!(directive["Namespace"], "HelpDesk/helpdesk");
        let name = directive["Metrics"][0]["Name"].as_str().unwrap().to_owned();
        assert!(line[&name].is_i64(), "{name}");
        (name, directive["Dimensions"][0].clone())
    };
    directives.iter().map(metric).collect()
}

#[tokio::test]
async fn a_request_logs_one_line_with_actor_route_ticket_and_metrics() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let number = desk.ticket(&ana).await;
    let created = line(&desk, "tickets-create", "answered").await;
    assert_eq!(lines(&desk, "tickets-create", "answered").len(), 1);
    for (field, value) in [
        ("level", json!("INFO")),
        ("method", json!("POST")),
        ("route", json!("/v1/tickets")),
        ("status", json!(201)),
        ("ticket", json!(number)),
        ("actor_id", json!(ana.id)),
    ] {
        assert_eq!(created[field], value, "{field}");
    }
    assert!(created["request_id"].is_string() && created["trace_id"].is_string() && created["duration_ms"].is_i64());
    assert_eq!(metrics(&created), [("Requests".to_owned(), json!([]))]);

    let headers = [("content-type", "application/json"), ("if-match", "\"7\"")];
    let body = br#"{"title": "The printer burns"}"#.to_vec();
    ana.send(http::Method::PATCH, &format!("/v1/tickets/{number}"), &headers, body).await.expect(412);
    let refused = line(&desk, "tickets-update", "answered").await;
    assert_eq!((&refused["problem"], &refused["ticket"]), (&json!("precondition-failed"), &json!(number)));
    let expected = [("Requests", json!([])), ("Problems", json!(["problem"])), ("Conflicts", json!([]))];
    assert_eq!(metrics(&refused), expected.map(|(name, dimensions)| (name.to_owned(), dimensions)));
}

#[tokio::test]
async fn a_refusal_logs_the_network_and_the_hash_of_the_address() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    let sign_in = async |email: &str, password: &str| {
        desk.anyone().post("/v1/auth/login", json!({"email": email, "password": password})).await
    };
    for email in [ana.email.as_str(), &ana.email.to_uppercase(), "nobody@example.org"] {
        sign_in(email, "incorrect horse battery").await.expect(401);
    }
    let body = json!({"name": "Ana", "email": ana.email});
    desk.anyone().post("/v1/auth/register", body.clone()).await.expect(202);
    desk.set(|item| partition_begins(item, "ATTEMPTS#register-from#"), "attempt_count", number(1_000_000)).await;
    desk.anyone().post("/v1/auth/register", body).await.expect(429);
    for status in [202, 202, 202, 429] {
        desk.anyone().post("/v1/auth/password/forgot", json!({"email": ana.email})).await.expect(status);
    }
    desk.anyone().with_token("nonsense").get("/v1/me").await.expect(401);
    let refused = |function: &str| -> Vec<Value> {
        let refused = lines(&desk, function, "answered").into_iter().filter(|line| line["problem"].is_string());
        refused.inspect(|line| assert_eq!(line["network"], "127.0.0.1", "{line}")).collect()
    };
    let hash = eventually("the line is printed", async || refused("auth-forgot-password").pop()).await;
    let hash = hash["address_hash"].as_str().unwrap().to_owned();
    assert_eq!(hash.len(), 22);
    assert!(!edges::auth::TokenHash::of(ana.email.as_bytes()).to_string().starts_with(&hash));
    let hashes =
        |function: &str| -> Vec<bool> { refused(function).iter().map(|line| line["address_hash"] == hash).collect() };
    eventually("the lines are printed", async || (hashes("auth-login") == [true, true, false]).then_some(())).await;
    eventually("the line is printed", async || (hashes("auth-register") == [true]).then_some(())).await;
    eventually("the line is printed", async || (refused("me-get").len() == 1).then_some(())).await;
    // The network and the hash are not logged for callers who are admitted, or who are signed in
    // and refused something.
    ana.get("/v1/users").await.expect(403);
    let line = line(&desk, "users-list", "answered").await;
    for line in lines(&desk, "auth-login", "answered").iter().filter(|line| line["status"] == 200).chain([&line]) {
        assert!(line.get("network").is_none() && line.get("address_hash").is_none(), "{line}");
    }
}

#[tokio::test]
async fn a_trace_leads_from_the_request_through_the_event_to_the_recipient() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    let trace = line(&desk, "tickets-assign", "answered").await["trace_id"].clone();
    for (function, channel) in [("workers-notify", "inbox"), ("workers-email", "email")] {
        // The technicians are also notified of the new ticket, but by another request.
        let of_trace = |line: &Value| line["channel"] == channel && line["trace_id"] == trace;
        let line =
            eventually("the recipient is notified", async || lines(&desk, function, "told").into_iter().find(of_trace))
                .await;
        let of_channel = |name: &str| (name.to_owned(), json!(["channel"]));
        assert_eq!(metrics(&line), [of_channel("Notifications"), of_channel("Lag")]);
    }
    eventually("both events are counted", async || {
        let published = lines(&desk, "workers-relay", "published");
        (published.iter().filter_map(|line| line["EventsPublished"].as_i64()).sum::<i64>() >= 2).then_some(())
    })
    .await;
    let mail = desk.mails_to(&ana.email).remove(0);
    assert!(mail.headers.contains(&("X-Helpdesk-Trace".to_owned(), trace.as_str().unwrap().to_owned())), "{mail:?}");
    // A trace is not part of the log, which stays intact, and is not shown to people.
    assert_eq!(ana.get(&format!("/v1/tickets/{number}/verify")).await.expect(200).body["intact"], true);
    let events = ana.get(&format!("/v1/tickets/{number}/events")).await.expect(200);
    assert!(!events.body.to_string().contains("Root="), "{}", events.body);
}

#[tokio::test]
async fn a_failed_invocation_logs_the_reason_but_no_address() {
    let desk = Desk::open().await.signing_in_over_http();
    let admin = desk.admin().await;
    let again = json!({"name": "Other", "email": admin.email, "password": "correct horse battery"});
    desk.stack.invoke("users-create-admin", &again).await.unwrap_err();
    let why = "invocation failed: email-taken: an account with this e-mail address already exists";
    assert_eq!(line(&desk, "users-create-admin", why).await["level"], "ERROR");
    assert!(desk.stack.printed_by("users-create-admin").iter().all(|line| !line.contains(&admin.email)));
}

/// The library that converts API Gateway's events panics on these.
#[tokio::test]
async fn a_request_with_an_invalid_query_host_or_body_prints_its_one_line_and_no_panic() {
    let desk = Desk::open().await;
    let event = |query: &str, header: &str, value: &str, body: &str| {
        json!({
            "rawPath": "/v1/auth/../me", "rawQueryString": query, "headers": {header: value}, "body": body,
            "isBase64Encoded": true, "requestContext": {"requestId": "r-7", "http": {"method": "GET"}}
        })
    };
    let events = [
        event("a=<b", "host", "x", ""),
        event("", "host", "a b", ""),
        event("", "x-forwarded-proto", "a b", ""),
        event("", "host", "x", "not base64!"),
    ];
    for event in &events {
        desk.stack.invoke("me-get", event).await.unwrap();
    }
    let answered = || lines(&desk, "me-get", "answered");
    eventually("the lines are printed", async || (answered().len() == events.len()).then_some(())).await;
    for line in answered() {
        // `..` is not resolved.
        let logged = ["request_id", "method", "route", "status"].map(|field| &line[field]);
        assert_eq!(logged, [&json!("r-7"), &json!("GET"), &json!("$default"), &json!(404)], "{line}");
    }
    let printed = desk.stack.printed_by("me-get");
    assert!(printed.iter().all(|line| !line.contains("panic")), "{printed:?}");
}

#[tokio::test]
async fn a_reset_mail_has_the_trace_of_its_request() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    desk.anyone().post("/v1/auth/password/forgot", json!({"email": ana.email})).await.expect(202);
    desk.mailed_tokens(&ana.email, 1).await;
    let trace = line(&desk, "auth-forgot-password", "answered").await["trace_id"].clone();
    let mail = desk.stack.mails().all().remove(0);
    assert!(mail.headers.contains(&("X-Helpdesk-Trace".to_owned(), trace.as_str().unwrap().to_owned())), "{mail:?}");
}
