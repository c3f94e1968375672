//! Signing in from a page: the refresh token is in a cookie that no script can read.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use support::wire::Fate;

use crate::support::table::{Item, partition_begins};
use crate::support::{Caller, Desk, PASSWORD, Response};

const COOKIE: &str = "helpdesk-refresh";
/// The characters of a refresh token.
const TOKEN_CHARACTERS: usize = 107;
/// 30 days.
const SESSION_SECONDS: i64 = 2_592_000;

/// A browser that shows a page of the API's own origin. Its tabs share the cookies.
struct Browser {
    caller: Caller,
    cookies: BTreeMap<String, String>,
}

/// Returns the cookie that a response sets, with its attributes.
fn set_cookie(response: &Response) -> Option<&str> {
    assert!(response.headers.get_all("set-cookie").iter().count() < 2);
    response.header("set-cookie")
}

impl Browser {
    fn of(desk: &Desk) -> Self {
        Self { caller: desk.anyone(), cookies: BTreeMap::new() }
    }

    fn cookie(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Sends a request with these cookies, as the page of the API does.
    async fn try_send(&self, path: &str, cookie: &str, body: &Value) -> Option<Response> {
        let origin = self.caller.base_url.clone();
        let mut headers = vec![
            ("x-helpdesk-session", "cookie"),
            ("origin", origin.as_str()),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/json"),
        ];
        if !cookie.is_empty() {
            headers.push(("cookie", cookie));
        }
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.caller.try_send(Method::POST, path, &headers, body, Duration::from_secs(10)).await
    }

    /// Stores the cookie that a response sets.
    fn store(&mut self, response: &Response) {
        let Some(set) = set_cookie(response) else { return };
        let (pair, attributes) = set.split_once("; ").unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        if attributes.contains("Max-Age=0;") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    async fn send(&mut self, path: &str, body: Value) -> Response {
        let response = self.try_send(path, &self.cookie(), &body).await.expect("an answer");
        self.store(&response);
        response
    }

    async fn sign_in(&mut self, person: &Caller) -> Response {
        self.send("/v1/auth/login", json!({"email": person.email, "password": PASSWORD})).await
    }

    async fn refresh(&mut self) -> Response {
        self.send("/v1/auth/refresh", Value::Null).await
    }
}

/// Fails unless the response has an access token in its body and the refresh token only in a cookie
/// with exactly these attributes. Returns the refresh token.
fn refresh_token_of(response: &Response) -> String {
    let names: Vec<&String> = response.body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["access_token", "expires_in", "token_type"]);
    let set = set_cookie(response).expect("a cookie is set");
    let (value, attributes) = set.strip_prefix(&format!("{COOKIE}=")).unwrap().split_once("; ").unwrap();
    let (max_age, rest) = attributes.strip_prefix("Max-Age=").unwrap().split_once("; ").unwrap();
    let seconds: i64 = max_age.parse().unwrap();
    assert!((SESSION_SECONDS - 60..=SESSION_SECONDS).contains(&seconds), "{set}");
    assert_eq!(rest, "Path=/; HttpOnly; SameSite=Strict");
    assert_eq!(value.len(), TOKEN_CHARACTERS);
    value.to_owned()
}

#[tokio::test]
async fn a_page_signs_in_refreshes_and_signs_out() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let mut browser = Browser::of(&desk);
    let first = refresh_token_of(&browser.sign_in(&ana).await.expect(200));
    let refreshed = browser.refresh().await.expect(200);
    let second = refresh_token_of(&refreshed);
    assert_ne!(second, first);
    ana.with_token(refreshed.body["access_token"].as_str().unwrap()).get("/v1/me").await.expect(200);

    let signed_out = browser.send("/v1/auth/logout", Value::Null).await.expect(204);
    assert_eq!(set_cookie(&signed_out), Some("helpdesk-refresh=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict"));
    assert_eq!(browser.cookie(), "");
    for token in [first, second] {
        let cookie = format!("{COOKIE}={token}");
        let refused = browser.try_send("/v1/auth/refresh", &cookie, &Value::Null).await.unwrap();
        assert_eq!(set_cookie(&refused.expect_problem(401, "invalid-token")), None);
    }
    // Signing out succeeds and removes the cookie, whatever it contains.
    for cookie in ["", "helpdesk-refresh=nonsense"] {
        let again = browser.try_send("/v1/auth/logout", cookie, &Value::Null).await.unwrap().expect(204);
        assert!(set_cookie(&again).unwrap().contains("Max-Age=0;"));
    }
    for function in ["auth-login", "auth-refresh", "auth-logout"] {
        let printed = desk.stack.printed_by(function).join("\n");
        assert!(!printed.contains(COOKIE) && !printed.contains(PASSWORD), "{printed}");
    }
}

#[tokio::test]
async fn two_tabs_a_reload_and_a_killed_function_sign_nobody_out() {
    let (desk, wire) = Desk::with_wire(2, |_| {}).await;
    let ana = desk.user("Ana").await;
    let mut browser = Browser::of(&desk);
    browser.sign_in(&ana).await.expect(200);
    let mut before = browser.cookie();
    for fate in [Fate::KillAfter, Fate::KillBefore, Fate::LoseAnswer] {
        // A tab refreshes. The function dies around its write, or the page is reloaded.
        wire.disturb(move |call| {
            let rotates = call.function == "auth-refresh" && call.operation == "UpdateItem";
            if rotates { fate } else { Fate::Pass }
        });
        let sent = browser.try_send("/v1/auth/refresh", &before, &Value::Null);
        drop(tokio::time::timeout(Duration::from_secs(1), sent).await);
        wire.calm();
        // Both tabs refresh with the cookie of before.
        let tab = || browser.try_send("/v1/auth/refresh", &before, &Value::Null);
        let (one, other) = tokio::join!(tab(), tab());
        let (one, other) = (one.unwrap().expect(200), other.unwrap().expect(200));
        assert_eq!(refresh_token_of(&one), refresh_token_of(&other), "{fate:?}");
        browser.store(&one);
        assert_ne!(browser.cookie(), before, "{fate:?}");
        // The next refresh comes soon. The browser has the current cookie, so none is set.
        assert_eq!(set_cookie(&browser.refresh().await.expect(200)), None, "{fate:?}");
        before = browser.cookie();
        desk.let_overlaps_end().await;
    }
    browser.refresh().await.expect(200);
    // A copy that is used later ends the session. The refusal leaves the cookie alone: it may be
    // the late answer to another tab.
    desk.let_overlaps_end().await;
    let refused = browser.try_send("/v1/auth/refresh", &before, &Value::Null).await.unwrap();
    assert_eq!(set_cookie(&refused.expect_problem(401, "invalid-token")), None);
    browser.refresh().await.expect_problem(401, "invalid-token");
}

#[tokio::test]
async fn the_cookie_and_the_body_never_mix() {
    let desk = Desk::open().await;
    let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
    let mut browser = Browser::of(&desk);
    browser.sign_in(&bea).await.expect(200);
    let cookie = browser.cookie();
    let before = desk.stored().await;
    for path in ["/v1/auth/refresh", "/v1/auth/logout"] {
        let body = json!({"refresh_token": ana.refresh_token});
        let refused = browser.try_send(path, &cookie, &body).await.unwrap().expect_problem(422, "validation-failed");
        assert_eq!(refused.pointers(), ["/refresh_token"]);
        let twice = format!("{cookie}; a=b;{cookie}");
        browser.try_send(path, &twice, &Value::Null).await.unwrap().expect_problem(400, "bad-request");
        // Without the header there is no cookie, and the body must have the token.
        let only_cookie = [("cookie", cookie.as_str())];
        let anyone = desk.anyone();
        anyone.send(Method::POST, path, &only_cookie, Vec::new()).await.expect_problem(400, "bad-request");
    }
    for cookie in ["", "helpdesk-refresh=", "helpdesk-refresh=nonsense", "__Host-Http-refresh=nonsense"] {
        let refused = browser.try_send("/v1/auth/refresh", cookie, &Value::Null).await.unwrap();
        refused.expect_problem(401, "invalid-token");
    }
    // The cookie authenticates nothing by itself.
    let cookie_header = [("cookie", cookie.as_str())];
    for path in ["/v1/me", "/v1/tickets"] {
        let refused = desk.anyone().send(Method::GET, path, &cookie_header, Vec::new()).await;
        refused.expect_problem(401, "unauthenticated");
    }
    assert_eq!(desk.stored().await, before);

    let body = json!({"refresh_token": ana.refresh_token}).to_string().into_bytes();
    let headers = [("content-type", "application/json"), ("cookie", cookie.as_str())];
    let refreshed = desk.anyone().send(Method::POST, "/v1/auth/refresh", &headers, body).await.expect(200);
    assert_eq!(set_cookie(&refreshed), None);
    let token = refreshed.body["access_token"].as_str().unwrap();
    assert_eq!(ana.with_token(token).get("/v1/me").await.expect(200).body["name"], "Ana");
    browser.refresh().await.expect(200);
}

#[tokio::test]
async fn only_pages_of_the_own_origin_get_a_cookie() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let own = desk.stack.base_url();
    let (port, https) = (own.replace("127.0.0.1:", "127.0.0.1:1"), own.replace("http:", "https:"));
    let credentials = json!({"email": ana.email, "password": "incorrect horse battery"}).to_string();
    let headers_of = |more: &[(&'static str, String)]| -> Vec<(&'static str, String)> {
        let own = [("content-type", "application/json"), ("x-helpdesk-session", "cookie")];
        own.iter().map(|(name, value)| (*name, (*value).to_owned())).chain(more.iter().cloned()).collect()
    };
    let mut foreign: Vec<Vec<(&'static str, String)>> = vec![vec![]];
    for origin in ["https://evil.example", "null", "", "http://127.0.0.1", "http://localhost", &port, &https] {
        foreign.push(vec![("origin", origin.to_owned())]);
    }
    for site in ["cross-site", "same-site", "none", ""] {
        foreign.push(vec![("origin", own.to_owned()), ("sec-fetch-site", site.to_owned())]);
    }
    foreign.push(vec![("sec-fetch-site", "same-origin".to_owned())]);
    for headers in foreign.iter().map(|more| headers_of(more)) {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        for path in ["/v1/auth/login", "/v1/auth/refresh", "/v1/auth/logout"] {
            let body = credentials.clone().into_bytes();
            let refused = desk.anyone().send(Method::POST, path, &headers, body).await;
            assert_eq!(set_cookie(&refused.expect_problem(403, "forbidden")), None, "{headers:?}");
        }
    }
    let attempts = desk.items(|item: &Item| partition_begins(item, "ATTEMPTS#")).await;
    assert_eq!(attempts.len(), 0, "no attempt was counted");
    let headers = [("content-type", "application/json"), ("x-helpdesk-session", "cookie"), ("origin", own)];
    let counted = desk.anyone().send(Method::POST, "/v1/auth/login", &headers, credentials.into_bytes()).await;
    counted.expect_problem(401, "invalid-credentials");
}

#[tokio::test]
async fn the_header_has_one_value_and_three_routes() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let own = desk.stack.base_url();
    for value in ["", "Cookie", "body", "cookie, cookie"] {
        let headers = [("x-helpdesk-session", value), ("origin", own)];
        let refused = desk.anyone().send(Method::POST, "/v1/auth/refresh", &headers, Vec::new()).await;
        refused.expect_problem(400, "bad-request");
    }
    let headers = [("x-helpdesk-session", "cookie"), ("origin", own)];
    for (method, path) in
        [(Method::GET, "/v1/me"), (Method::POST, "/v1/tickets"), (Method::POST, "/v1/auth/password/forgot")]
    {
        let refused = ana.send(method, path, &headers, Vec::new()).await.expect_problem(400, "bad-request");
        assert!(refused.body["detail"].as_str().unwrap().contains("X-Helpdesk-Session"), "{}", refused.body);
    }
    ana.send(Method::GET, "/v1/nothing", &headers, Vec::new()).await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_its_host() {
    let desk = Desk::with(1, |mut options| {
        options.parameters.insert("SessionCookie".to_owned(), "secure".to_owned());
        options
    });
    let desk = desk.await;
    let ana = desk.user("Ana").await;
    let event = |path: &str, cookies: Vec<String>, body: &str, origin: &str| {
        json!({
            "version": "2.0", "routeKey": format!("POST {path}"), "rawPath": path, "rawQueryString": "",
            "cookies": cookies, "body": body, "isBase64Encoded": false,
            "headers": {
                "content-type": "application/json", "host": "desk.example.org", "origin": origin,
                "x-helpdesk-session": "cookie",
            },
            "requestContext": {
                "requestId": "r", "domainName": "desk.example.org",
                "http": {"method": "POST", "path": path, "sourceIp": "127.0.0.1"},
            },
        })
    };
    let own = "https://desk.example.org";
    let credentials = json!({"email": ana.email, "password": PASSWORD}).to_string();
    let login = event("/v1/auth/login", vec![], &credentials, own);
    let answer = desk.stack.invoke("auth-login", &login).await.unwrap();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let [cookie] = &answer["cookies"].as_array().unwrap()[..] else { panic!("{answer}") };
    let (pair, attributes) = cookie.as_str().unwrap().split_once("; ").unwrap();
    assert_eq!(attributes, "Max-Age=2592000; Path=/; Secure; HttpOnly; SameSite=Strict");
    assert_eq!(pair.strip_prefix("__Host-Http-refresh=").unwrap().len(), TOKEN_CHARACTERS);

    let other = "a=b".to_owned();
    let refresh = event("/v1/auth/refresh", vec![other, pair.to_owned()], "", own);
    let answer = desk.stack.invoke("auth-refresh", &refresh).await.unwrap();
    assert_eq!((&answer["statusCode"], answer["cookies"].as_array().unwrap().len()), (&json!(200), 1), "{answer}");
    let logout = event("/v1/auth/logout", vec![pair.to_owned()], "", own);
    let answer = desk.stack.invoke("auth-logout", &logout).await.unwrap();
    let cleared = "__Host-Http-refresh=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict";
    assert_eq!((&answer["statusCode"], &answer["cookies"]), (&json!(204), &json!([cleared])));

    for origin in ["http://desk.example.org", "https://desk.example.org:8443", "https://www.desk.example.org"] {
        let answer = desk.stack.invoke("auth-login", &event("/v1/auth/login", vec![], &credentials, origin)).await;
        let answer = answer.unwrap();
        assert_eq!((&answer["statusCode"], &answer["cookies"]), (&json!(403), &json!([])), "{origin}");
    }
}
