use contract::Contract;
use http::Method;
use serde_json::json;

use crate::support::{Caller, Desk, Response, assert_unchanged};

#[tokio::test]
async fn an_unknown_route_or_method_is_answered_with_the_allowed_methods() {
    let desk = Desk::open().await;
    let anyone = desk.anyone();
    for path in [
        "/app",
        "/app/",
        "/app/tickets/1/more",
        "/assets",
        "/v1",
        "/v1/nothing",
        "/v2/tickets",
        "/v1/tickets/1/nothing",
        "/v1/tickets/",
    ] {
        anyone.get(path).await.expect_problem(404, "not-found");
    }
    for (method, path, allow) in [
        (Method::DELETE, "/v1/tickets", "GET, HEAD, POST, OPTIONS"),
        (Method::PUT, "/v1/tickets/1", "GET, HEAD, PATCH, OPTIONS"),
        (Method::POST, "/v1/users/1", "GET, HEAD, PATCH, DELETE, OPTIONS"),
        (Method::POST, "/.well-known/jwks.json", "GET, HEAD, OPTIONS"),
        (Method::GET, "/v1/auth/login", "POST, OPTIONS"),
        (Method::DELETE, "/v1/unsubscribe/x", "GET, HEAD, POST, OPTIONS"),
    ] {
        let response = anyone.send(method, path, &[], Vec::new()).await.expect_problem(405, "method-not-allowed");
        assert_eq!(response.header("allow"), Some(allow), "{path}");
        let response = anyone.send(Method::OPTIONS, path, &[], Vec::new()).await.expect(204);
        assert_eq!((response.header("allow"), response.header("vary")), (Some(allow), None), "{path}");
        if !allow.contains("HEAD") {
            let head = anyone.send(Method::HEAD, path, &[], Vec::new()).await.expect(405);
            assert_eq!((head.header("allow"), &head.body), (Some(allow), &json!(null)), "{path}");
        }
    }
    anyone.send(Method::OPTIONS, "/v1/nothing", &[], Vec::new()).await.expect_problem(404, "not-found");
}

/// The routes that return a ticket's version or change a ticket: only these accept a precondition.
const WITH_A_VERSION: [(&str, &str); 10] = [
    ("GET", "/v1/tickets/{number}"),
    ("PATCH", "/v1/tickets/{number}"),
    ("POST", "/v1/tickets/{number}/assign"),
    ("POST", "/v1/tickets/{number}/close"),
    ("POST", "/v1/tickets/{number}/comments"),
    ("POST", "/v1/tickets/{number}/notes"),
    ("POST", "/v1/tickets/{number}/release"),
    ("POST", "/v1/tickets/{number}/reopen"),
    ("POST", "/v1/tickets/{number}/resolve"),
    ("POST", "/v1/tickets/{number}/withdraw"),
];

#[tokio::test]
async fn a_precondition_is_refused_where_no_version_exists() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let before = desk.stored().await;
    for route in api::ROUTES.iter().filter(|route| route.method != "$default") {
        let path = route.path.replace("{number}", "1").replace("{id}", &ana.id).replace("{delivery}", &ana.id);
        let method: Method = route.method.parse().unwrap();
        let body = if method == Method::GET { Vec::new() } else { b"{}".to_vec() };
        for header in ["If-Match", "If-None-Match"] {
            let headers = [("content-type", "application/json"), (header, "\"1\"")];
            let response = ana.send(method.clone(), &path, &headers, body.clone()).await;
            let detail = response.body["detail"].as_str().unwrap_or_default().to_owned();
            let is_refused = detail.starts_with(&format!("`{header}` is not supported here"));
            assert_eq!(is_refused, !WITH_A_VERSION.contains(&(route.method, route.path)), "{method} {path}: {detail}");
            if is_refused {
                response.expect_problem(400, "bad-request");
            }
        }
    }
    let headers = [("content-type", "application/json"), ("if-match", "\"1\"")];
    let renamed = ana.send(Method::PATCH, "/v1/me", &headers, br#"{"name": "Bea"}"#.to_vec()).await;
    renamed.expect_problem(400, "bad-request");
    assert_eq!(desk.stored().await, before);
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    for _ in 0..2 {
        desk.ticket(&ana).await;
    }
    for (path, tags, status) in [
        ("/.well-known/jwks.json", "", 200),
        ("/openapi.json", "", 200),
        ("/docs", "", 200),
        ("/docs/redoc-2.5.4.js", "", 200),
        ("/docs/nothing.js", "", 404),
        ("/", "", 200),
        ("/app/tickets?status=open", "", 200),
        ("/assets/icon.svg", "", 200),
        ("/assets/nothing.js", "", 404),
        ("/v1/tickets?limit=1", "", 200),
        ("/v1/tickets?limit=x", "", 400),
        ("/v1/tickets/1", "", 200),
        ("/v1/tickets/1", "\"1\"", 304),
        ("/v1/tickets/9", "", 404),
        ("/v1/nothing", "", 404),
    ] {
        let headers: Vec<_> = [("if-none-match", tags)].into_iter().filter(|_| !tags.is_empty()).collect();
        let got = ana.send(Method::GET, path, &headers, Vec::new()).await.expect(status);
        let head = ana.send(Method::HEAD, path, &headers, Vec::new()).await.expect(status);
        assert_eq!(head.body, json!(null), "{path}");
        for name in ["allow", "cache-control", "content-encoding", "content-type", "etag", "link"] {
            assert_eq!(head.header(name), got.header(name), "{name} of {path}");
        }
        // `cargo lambda watch` adds a length of 0 to a 304.
        if status != 304 {
            let length = head.header("content-length").map(|length| length.parse::<usize>().unwrap());
            assert!(length.is_some_and(|length| length > 1), "{path}: {length:?}");
            assert_eq!(head.header("content-length"), got.header("content-length"), "{path}");
        }
    }
    desk.anyone().send(Method::HEAD, "/v1/me", &[], Vec::new()).await.expect(401);
}

#[tokio::test]
async fn only_pages_of_the_configured_origins_may_call() {
    const PAGE: &str = "http://localhost:5173";
    let desk = Desk::with(1, |mut options| {
        options.parameters.insert("CorsOrigins".to_owned(), format!("https://desk.example.org,{PAGE}"));
        options
    });
    let desk = desk.await;
    let ana = desk.user("Ana").await;
    let asked = ("access-control-request-method", "PATCH");
    let none = [("access-control-allow-origin", None), ("access-control-allow-methods", None)];
    for path in ["/v1/tickets/1", "/v1/auth/login", "/v1/nothing"] {
        let headers =
            [("origin", PAGE), asked, ("access-control-request-headers", "authorization,if-match,x-helpdesk-session")];
        let preflight = desk.anyone().send(Method::OPTIONS, path, &headers, Vec::new()).await.expect(204);
        for (name, value) in [
            ("access-control-allow-origin", PAGE),
            ("access-control-allow-methods", "GET,HEAD,POST,PUT,PATCH,DELETE"),
            ("access-control-allow-headers", "authorization,content-type,idempotency-key,if-match,if-none-match"),
            ("access-control-max-age", "600"),
            ("vary", "Origin"),
        ] {
            assert_eq!(preflight.header(name), Some(value), "{name} of {path}");
        }
        let headers = [("origin", "http://localhost:5174"), asked];
        let other = desk.anyone().send(Method::OPTIONS, path, &headers, Vec::new()).await;
        assert_eq!(none.map(|(name, _)| (name, other.header(name))), none, "{path}");
    }
    for (path, status) in [("/v1/me", 200), ("/v1/tickets/9", 404), ("/v1/tickets?x", 400), ("/v1/nothing", 404)] {
        for method in [Method::GET, Method::HEAD] {
            let response = ana.send(method.clone(), path, &[("origin", PAGE)], Vec::new()).await.expect(status);
            assert_eq!(response.header("access-control-allow-origin"), Some(PAGE), "{path}");
            let exposed = response.header("access-control-expose-headers").unwrap();
            assert!(exposed.contains("etag,helpdesk-version,link,location"), "{exposed}");
            assert_eq!(
                (response.header("vary"), response.header("access-control-allow-credentials")),
                (Some("Origin"), None)
            );
            for origin in ["https://evil.example", "null", "HTTP://localhost:5173.evil.example"] {
                let response = ana.send(method.clone(), path, &[("origin", origin)], Vec::new()).await.expect(status);
                assert_eq!(none.map(|(name, _)| (name, response.header(name))), none, "{path} from {origin}");
                assert_eq!(response.header("vary"), Some("Origin"), "{path}");
            }
        }
    }
    assert_eq!(ana.get("/v1/me").await.expect(200).header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn without_configured_origins_no_page_may_call() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let headers = [("origin", "https://desk.example.org"), ("access-control-request-method", "GET")];
    for method in [Method::GET, Method::OPTIONS] {
        let response = ana.send(method, "/v1/me", &headers, Vec::new()).await;
        assert!(response.headers.keys().all(|name| !name.as_str().starts_with("access-control-") && name != "vary"));
    }
}

#[tokio::test]
async fn parameters_are_validated_as_cloudformation_does() {
    let root = endpoints::root();
    for (name, value, detail) in [
        ("CorsOrigins", "http://localhost:5173/", "must be origins"),
        ("CorsOrigins", "*", "must be origins"),
        ("CorsOrigin", "http://localhost:5173", "no parameter CorsOrigin"),
        ("WebhookReach", "everywhere", "must be one of public, loopback"),
        ("CloseResolvedAfterDays", "0", "from 1 to 365"),
        ("MonthlyBudget", "-1", "a whole number from 0"),
        ("ViewerHeader", "x-viewer", "ViewerHeader needs FrontSecret"),
        ("PasswordResetPage", "https://example.org/reset-password", "is a stranger's page"),
    ] {
        let mut options = local::StackOptions::for_tests(&root, &root, 1);
        options.parameters.insert(name.to_owned(), value.to_owned());
        let error = local::Stack::check(&options).unwrap_err().to_string();
        assert!(error.contains(detail), "{error}");
    }
}

/// Returns every operation that can answer this status, as a request: the method and a path.
fn operations_with(status: u16, id: &str) -> Vec<(Method, String)> {
    let contract = Contract::read(&endpoints::root()).unwrap();
    let answers =
        contract.operations.iter().filter(|operation| operation.statuses(&contract.document).contains(&status));
    let token = format!("{id}.0123456789abcdef0123456789abcdef");
    let filled = |path: &str| {
        path.replace("{number}", "1").replace("{id}", id).replace("{delivery}", id).replace("{token}", &token)
    };
    answers.map(|operation| (operation.method.parse().unwrap(), filled(&operation.path))).collect()
}

/// Sends a body of this type, with the precondition that a `PATCH` of a ticket requires.
async fn send_body(caller: &Caller, method: Method, path: &str, kind: &str, body: &[u8]) -> Response {
    let headers = [("content-type", kind), ("if-match", "*")];
    let headers = if method == Method::PATCH && path.contains("tickets") { &headers[..] } else { &headers[..1] };
    caller.send(method, path, headers, body.to_vec()).await
}

#[tokio::test]
async fn every_operation_with_a_body_refuses_another_type_and_a_body_that_is_too_large() {
    let desk = Desk::open().await;
    let ada = desk.admin().await;
    desk.ticket(&ada).await;
    let before = desk.stored().await;
    for (method, path) in operations_with(415, &ada.id) {
        let response = send_body(&ada, method, &path, "text/plain", b"{}").await;
        response.expect_problem(415, "unsupported-media-type");
    }
    let huge = format!("{{\"title\": \"{}\"}}", "x".repeat(131_072)).into_bytes();
    for (method, path) in operations_with(413, &ada.id) {
        send_body(&ada, method, &path, "application/json", &huge).await.expect_problem(413, "too-large");
    }
    assert_unchanged(&before, &desk.stored().await, "another type, or too much");
}

#[tokio::test]
async fn every_operation_refuses_an_unknown_query_parameter() {
    let desk = Desk::open().await;
    let ada = desk.admin().await;
    desk.ticket(&ada).await;
    let before = desk.stored().await;
    // The pages of the console read their query themselves.
    let is_page = |path: &str| path == "/" || path.starts_with("/app/");
    for (method, path) in operations_with(400, &ada.id).into_iter().filter(|(_, path)| !is_page(path)) {
        let response = ada.send(method, &format!("{path}?surprise=1"), &[], Vec::new()).await;
        response.expect_problem(400, "bad-request");
    }
    assert_unchanged(&before, &desk.stored().await, "an unknown query parameter");
}

#[tokio::test]
async fn every_operation_with_fields_refuses_an_unknown_one() {
    let desk = Desk::open().await;
    let ada = desk.admin().await;
    desk.ticket(&ada).await;
    let before = desk.stored().await;
    for (method, path) in operations_with(422, &ada.id) {
        let response = send_body(&ada, method, &path, "application/json", br#"{"surprise": 1}"#).await;
        let refused = response.expect_problem(422, "validation-failed");
        assert!(refused.pointers().contains(&"/surprise"), "{path}: {:?}", refused.pointers());
    }
    assert_unchanged(&before, &desk.stored().await, "an unknown field");
}
