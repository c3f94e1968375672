//! A user who shares a network with an attacker, or whose account is attacked, can still sign in.

use domain::throttle::Throttle;
use domain::user::Role;
use edges::auth::TokenHash;
use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};
use support::wire::Service;

use crate::support::table::{Item, number, partition_begins, text};
use crate::support::{Desk, PASSWORD, unique};

const OFFICE: &str = "192.0.2.1";
const ELSEWHERE: &str = "198.51.100.7";
const WRONG: &str = "incorrect horse battery";

/// The response to a request from a given network.
struct Response {
    status: u64,
    retry_after: Option<i64>,
    body: Value,
}

impl Response {
    #[track_caller]
    fn expect(self, status: u64) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

/// Sends a request as API Gateway passes on one from this address.
async fn from(desk: &Desk, ip: &str, function: &str, path: &str, body: Value) -> Response {
    let event = json!({
        "rawPath": path, "headers": {"content-type": "application/json", "x-forwarded-for": "203.0.113.9"},
        "requestContext": {"requestId": "r", "http": {"method": Method::POST.as_str(), "sourceIp": ip}},
        "body": body.to_string()
    });
    let response = desk.stack.invoke(function, &event).await.unwrap();
    Response {
        status: response["statusCode"].as_u64().unwrap(),
        retry_after: response["headers"]["retry-after"].as_str().and_then(|seconds| seconds.parse().ok()),
        body: serde_json::from_str(response["body"].as_str().unwrap()).unwrap_or_default(),
    }
}

async fn sign_in(desk: &Desk, ip: &str, email: &str, password: &str) -> Response {
    from(desk, ip, "auth-login", "/v1/auth/login", json!({"email": email, "password": password})).await
}

/// Returns the address of a new user who is known in this network.
async fn person(desk: &Desk, ip: &str) -> String {
    let email = format!("person-{}@example.org", unique());
    desk.account("Person", &email, Role::User, ip).await;
    email
}

/// Registers a new user from this network and returns their address.
async fn register(desk: &Desk, ip: &str) -> String {
    let email = format!("person-{}@example.org", unique());
    from(desk, ip, "auth-register", "/v1/auth/register", json!({"name": "Person", "email": email})).await.expect(202);
    email
}

/// Chooses the password of a new user from this network.
async fn choose_password(desk: &Desk, ip: &str, email: &str) {
    let token = desk.mailed_tokens(email, 1).await.remove(0);
    let body = json!({"token": token, "password": PASSWORD});
    from(desk, ip, "auth-reset-password", "/v1/auth/password/reset", body).await.expect(204);
}

async fn request_reset(desk: &Desk, ip: &str, email: &str) -> Response {
    from(desk, ip, "auth-forgot-password", "/v1/auth/password/forgot", json!({"email": email})).await
}

async fn reset(desk: &Desk, ip: &str, email: &str) {
    let token = desk.mailed_tokens(email, 1).await.pop().unwrap();
    let body = json!({"token": token, "password": "the colour of another horse"});
    from(desk, ip, "auth-reset-password", "/v1/auth/password/reset", body).await.expect(204);
}

/// Starts a desk with these limits for a network.
async fn desk_with(limits: &[(&str, &str)]) -> Desk {
    let limits = limits.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let parameters = limits.collect();
    Desk::with(1, |options| local::StackOptions { parameters, ..options }).await.signing_in_over_http()
}

/// Pretends that this many attempts of this kind were made, for this address or from this network,
/// the last one just now.
async fn set_attempts(desk: &Desk, kind: &str, whose: &str, attempts: i64) {
    let partition = format!("ATTEMPTS#{kind}#{whose}");
    let counter = |item: &Item| partition_begins(item, &partition);
    desk.set(counter, "last_at", text(&edges::clock::now().to_string())).await;
    desk.set(counter, "attempt_count", number(attempts)).await;
}

fn hashed(email: &str) -> String {
    TokenHash::of(email.as_bytes()).to_string()
}

#[tokio::test]
async fn guesses_at_unknown_addresses_throttle_only_strangers_to_the_network() {
    let desk = desk_with(&[("SignInsPerNetwork", "50")]).await;
    let (colleague, visitor) = (person(&desk, ELSEWHERE).await, person(&desk, ELSEWHERE).await);
    sign_in(&desk, OFFICE, &colleague, PASSWORD).await.expect(200);
    let mut responses = Vec::new();
    for _ in 0..55 {
        let email = format!("nobody-{}@example.org", unique());
        responses.push(sign_in(&desk, OFFICE, &email, WRONG).await.status);
    }
    assert!(responses[..50].iter().all(|status| *status == 401), "{responses:?}");
    // On a slow machine the first waits are over before the next guess. Make the wait long.
    set_attempts(&desk, "sign-in-from", OFFICE, 65).await;
    sign_in(&desk, OFFICE, &colleague, PASSWORD).await.expect(200);
    // A user who never signed in from this network waits like an unknown address, but not
    // elsewhere.
    sign_in(&desk, OFFICE, &visitor, PASSWORD).await.expect(429);
    sign_in(&desk, ELSEWHERE, &visitor, PASSWORD).await.expect(200);
    // A reset by mail ends the wait, also that of the network.
    request_reset(&desk, OFFICE, &visitor).await.expect(202);
    reset(&desk, OFFICE, &visitor).await;
    sign_in(&desk, OFFICE, &visitor, "the colour of another horse").await.expect(200);
    // A user who registers from this network is known there.
    let new = register(&desk, OFFICE).await;
    choose_password(&desk, OFFICE, &new).await;
    sign_in(&desk, OFFICE, &new, PASSWORD).await.expect(200);
    // The successful sign-ins did not shorten the wait of the others.
    sign_in(&desk, OFFICE, "nobody@example.org", WRONG).await.expect(429);
}

#[tokio::test]
async fn guesses_from_another_network_do_not_lock_the_owner_out() {
    let desk = Desk::open().await.signing_in_over_http();
    let owner = person(&desk, OFFICE).await;
    for _ in 0..5 {
        sign_in(&desk, ELSEWHERE, &owner, WRONG).await.expect(401);
    }
    set_attempts(&desk, "sign-in", &hashed(&owner), 20).await;
    sign_in(&desk, OFFICE, &owner, PASSWORD).await.expect(200);
    sign_in(&desk, ELSEWHERE, &owner, PASSWORD).await.expect(429);
    sign_in(&desk, "203.0.113.80", &owner, PASSWORD).await.expect(429);
    // Guesses from the owner's own network get no further than others.
    for _ in 0..5 {
        sign_in(&desk, OFFICE, &owner, WRONG).await.expect(429);
    }
    set_attempts(&desk, "sign-in-at", &hashed(&owner), 20).await;
    let response = sign_in(&desk, OFFICE, &owner, PASSWORD).await.expect(429);
    assert!(response.retry_after.is_some_and(|seconds| (1..=900).contains(&seconds)));
}

#[tokio::test]
async fn neither_responses_nor_calls_reveal_accounts_known_in_a_network() {
    let desk = Desk::open().await.signing_in_over_http();
    let (known, stranger) = (person(&desk, OFFICE).await, person(&desk, ELSEWHERE).await);
    let emails = [known, stranger, format!("nobody-{}@example.org", unique())];
    // The first refusal of a process also reads the secret that addresses are hashed with for the
    // log.
    sign_in(&desk, OFFICE, "x@example.org", WRONG).await.expect(401);
    let guess = async |email: &str, status: u64| {
        desk.wire().record();
        let response = sign_in(&desk, OFFICE, email, WRONG).await.expect(status);
        let exchanges = desk.wire().recorded().into_iter();
        let of_table = exchanges.filter(|exchange| exchange.call.service == Service::DynamoDb);
        let mut calls: Vec<String> = of_table.map(|exchange| exchange.call.operation).collect();
        calls.sort_unstable();
        (response.retry_after.map(|seconds| (880..=900).contains(&seconds)), response.body["type"].clone(), calls)
    };
    let mut rounds = Vec::new();
    // First without any wait, then with a wait for the network, and then with one for the address,
    // from elsewhere and from this network.
    for full in [None, Some("sign-in-from"), Some("sign-in"), Some("sign-in-at")] {
        match full {
            Some("sign-in-from") => set_attempts(&desk, "sign-in-from", OFFICE, 200).await,
            Some(kind) => {
                for email in &emails {
                    set_attempts(&desk, kind, &hashed(email), 20).await;
                }
            }
            None => {}
        }
        let status = if full.is_none() { 401 } else { 429 };
        let mut responses = Vec::new();
        for email in &emails {
            responses.push(guess(email, status).await);
        }
        assert!(responses.iter().all(|other| *other == responses[0]), "{full:?}: {responses:?}");
        rounds.push(responses.remove(0));
    }
    assert_eq!(rounds[1].0, Some(true));
    assert!(rounds[3].2.len() < rounds[2].2.len(), "no password is compared: {rounds:?}");
}

#[tokio::test]
async fn completed_resets_no_longer_count_against_their_network() {
    let desk = desk_with(&[("ResetsPerNetwork", "3")]).await;
    for _ in 0..5 {
        let email = person(&desk, OFFICE).await;
        request_reset(&desk, OFFICE, &email).await.expect(202);
        // The reset may come from another network.
        reset(&desk, ELSEWHERE, &email).await;
    }
    for _ in 0..3 {
        request_reset(&desk, OFFICE, &format!("nobody-{}@example.org", unique())).await.expect(202);
    }
    // Now strangers get no mail, which the response does not reveal, but an address that is known
    // here does.
    let (stranger, known) = (person(&desk, ELSEWHERE).await, person(&desk, OFFICE).await);
    for email in [&stranger, &known] {
        request_reset(&desk, OFFICE, email).await.expect(202);
    }
    reset(&desk, OFFICE, &known).await;
    desk.wait_until_idle().await;
    assert!(desk.stack.mails().all().iter().all(|mail| mail.to != stranger));
    request_reset(&desk, ELSEWHERE, &stranger).await.expect(202);
    reset(&desk, ELSEWHERE, &stranger).await;
}

#[tokio::test]
async fn a_throttled_network_cannot_learn_who_is_mailed_a_reset_link() {
    let desk = Desk::open().await.signing_in_over_http();
    let (known, stranger) = (person(&desk, OFFICE).await, person(&desk, ELSEWHERE).await);
    request_reset(&desk, OFFICE, &format!("nobody-{}@example.org", unique())).await.expect(202);
    set_attempts(&desk, "reset-from", OFFICE, 200).await;
    let mut responses = Vec::new();
    for email in [known, stranger, format!("nobody-{}@example.org", unique())] {
        desk.wire().record();
        let body = request_reset(&desk, OFFICE, &email).await.expect(202).body;
        let exchanges = desk.wire().recorded().into_iter().map(|exchange| exchange.call);
        let own = exchanges.filter(|call| call.function == "auth-forgot-password");
        responses.push((body, own.map(|call| call.operation).collect::<Vec<_>>()));
    }
    assert_eq!(responses[0].1, ["BatchGetItem", "UpdateItem", "PutItem"]);
    assert!(responses.iter().all(|other| *other == responses[0]), "{responses:?}");
}

#[tokio::test]
async fn an_office_of_500_registers_resets_and_signs_in_without_waiting() {
    let desk = Desk::with_instances(4).await.signing_in_over_http();
    register(&desk, OFFICE).await;
    // These are the last 24 of five hundred people. So many requests failed before that strangers
    // have to wait.
    set_attempts(&desk, "register-from", OFFICE, 476).await;
    let emails = join_all((0..24).map(|_| register(&desk, OFFICE))).await;
    join_all(emails.iter().map(|email| choose_password(&desk, OFFICE, email))).await;
    let registrations = desk.items(|item| partition_begins(item, "ATTEMPTS#register-from#")).await;
    assert_eq!(registrations[0]["attempt_count"], number(500));
    request_reset(&desk, OFFICE, "nobody@example.org").await.expect(202);
    sign_in(&desk, OFFICE, "nobody@example.org", WRONG).await.expect(401);
    set_attempts(&desk, "reset-from", OFFICE, 200).await;
    set_attempts(&desk, "sign-in-from", OFFICE, 200).await;
    for response in join_all(emails.iter().map(|email| request_reset(&desk, OFFICE, email))).await {
        response.expect(202);
    }
    for email in &emails {
        assert_eq!(desk.mailed_tokens(email, 2).await.len(), 2);
    }
    for response in join_all(emails.iter().map(|email| sign_in(&desk, OFFICE, email, PASSWORD))).await {
        response.expect(200);
    }
}

#[test]
fn default_limits_of_a_network_match_the_throttle_table() {
    let template = include_str!("../../../template.yaml");
    for (parameter, throttle) in [
        ("SignInsPerNetwork", Throttle::PASSWORD_BY_NETWORK),
        ("RegistrationsPerNetwork", Throttle::REGISTRATION_BY_NETWORK),
        ("ResetsPerNetwork", Throttle::RESET_BY_NETWORK),
    ] {
        let default = format!("  {parameter}:\n    Type: Number\n    Default: {}\n", throttle.free_attempts());
        assert!(template.contains(&default), "{default}");
    }
}
