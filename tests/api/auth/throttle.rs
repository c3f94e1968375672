//! Guessing passwords becomes slower and slower, and does not affect anyone who is signed in.

use futures_util::future::join_all;
use local::{FunctionsMode, StackOptions};
use serde_json::{Value, json};

use crate::support::table::{Item, number, partition_begins, sort_key_begins, text};
use crate::support::{Caller, Desk, PASSWORD, Response};

async fn guess(desk: &Desk, email: &str, password: &str) -> Response {
    desk.anyone().post("/v1/auth/login", json!({"email": email, "password": password})).await
}

fn retry_after(response: &Response) -> i64 {
    response.header("retry-after").unwrap().parse().unwrap()
}

#[tokio::test]
async fn after_five_failures_waits_grow_whether_or_not_the_account_exists() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    let mut responses: Vec<Vec<Value>> = Vec::new();
    for email in [ana.email.as_str(), "nobody@example.org"] {
        let mut problems = Vec::new();
        for _ in 0..5 {
            guess(&desk, email, "incorrect horse battery").await.expect_problem(401, "invalid-credentials");
        }
        for failures in [9, 10, 12, 20] {
            desk.fail_sign_ins(email, failures).await;
            // The right password has to wait too, because otherwise a guesser would learn that it
            // is right.
            let response = guess(&desk, email, "correct horse battery").await.expect_problem(429, "too-many-requests");
            let expected = (1_i64 << (failures - 5)).min(900);
            assert!((expected - 10..=expected).contains(&retry_after(&response)), "{failures}: {response:?}");
            let mut body = response.body;
            body["instance"] = json!(null);
            body["detail"] = json!(null);
            problems.push(body);
        }
        responses.push(problems);
    }
    assert_eq!(responses[0], responses[1]);
    refresh_still_works(&desk, &ana).await;
}

fn is_credential(item: &Item) -> bool {
    sort_key_begins(item, "CREDENTIAL")
}

async fn refresh_still_works(desk: &Desk, ana: &Caller) {
    ana.get("/v1/me").await.expect(200);
    let body = json!({"refresh_token": ana.refresh_token});
    desk.anyone().post("/v1/auth/refresh", body).await.expect(200);
}

#[tokio::test]
async fn a_successful_sign_in_resets_the_failure_count() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    for _ in 0..3 {
        for _ in 0..4 {
            guess(&desk, &ana.email, "incorrect horse battery").await.expect_problem(401, "invalid-credentials");
        }
        guess(&desk, &ana.email.to_uppercase(), "correct horse battery").await.expect(200);
    }
}

#[tokio::test]
async fn concurrent_guesses_get_no_more_attempts_than_sequential_ones() {
    let desk = Desk::with_instances(8).await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    let guesses = (0..32).map(|number| {
        let password = format!("incorrect horse battery {number}");
        let desk = &desk;
        let email = ana.email.clone();
        async move { guess(desk, &email, &password).await }
    });
    let responses = join_all(guesses).await;
    let compared = responses.iter().filter(|response| response.status == 401).count();
    let throttled = responses.iter().filter(|response| response.status == 429).count();
    // Five attempts are free. On a slow machine a few come late enough to have waited 1, 2, 4 … s.
    assert!((5..=9).contains(&compared), "{compared}");
    assert_eq!(compared + throttled, 32);
}

#[tokio::test]
async fn concurrent_successful_sign_ins_are_not_throttled() {
    let (desk, _wire) = Desk::with_wire(8, |options| {
        if let FunctionsMode::Binaries { only, .. } = &mut options.functions {
            *only = Some(["auth-login"].map(str::to_owned).to_vec());
        }
    })
    .await;
    let desk = desk.signing_in_over_http();
    let ana = desk.user("Ana").await;
    for _ in 0..10 {
        for response in join_all((0..4).map(|_| guess(&desk, &ana.email, PASSWORD))).await {
            response.expect(200);
        }
    }
    let people = join_all((0..8).map(|_| desk.user("Bea"))).await;
    for _ in 0..6 {
        for response in join_all(people.iter().map(|person| guess(&desk, &person.email, PASSWORD))).await {
            response.expect(200);
        }
    }
    let failed_attempts =
        |item: &Item| partition_begins(item, "ATTEMPTS#sign-in") && item["attempt_count"] != number(0);
    assert_eq!(desk.items(failed_attempts).await, Vec::<Item>::new(), "successful sign-ins do not count");
}

#[tokio::test]
async fn behind_a_proxy_attempts_count_for_the_viewers_network() {
    let secret = "correct-horse-battery-staple-of-the-front";
    let parameters = [("ViewerHeader", "cloudfront-viewer-address"), ("FrontSecret", secret)];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let desk = Desk::with(1, |options| StackOptions { parameters: parameters.into(), ..options }).await;
    let from = |viewer: &str, shown: &str| {
        json!({
            "rawPath": "/v1/auth/login",
            "headers": {
                "content-type": "application/json", "cloudfront-viewer-address": viewer, "helpdesk-front-secret": shown,
            },
            "requestContext": {"requestId": "r", "http": {"method": "POST", "sourceIp": "192.0.2.1"}},
            "body": json!({"email": "nobody@example.org", "password": "incorrect horse battery"}).to_string()
        })
    };
    desk.stack.invoke("auth-login", &from("198.51.100.10:46532", secret)).await.unwrap();
    desk.stack.invoke("auth-login", &from("198.51.100.20:46532", "a guess")).await.unwrap();
    let counted = desk.items(|item| partition_begins(item, "ATTEMPTS#sign-in-from#")).await;
    let mut networks: Vec<&str> = counted.iter().map(|item| item["pk"].as_s().unwrap().as_str()).collect();
    networks.sort_unstable();
    assert_eq!(networks, ["ATTEMPTS#sign-in-from#192.0.2.1", "ATTEMPTS#sign-in-from#198.51.100.10"]);
}

#[tokio::test]
async fn guesses_of_the_current_password_with_a_stolen_token_are_throttled() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    let change = async |current: &str| {
        let body = json!({"current_password": current, "new_password": "the colour of another horse"});
        ana.post("/v1/me/password", body).await
    };
    change("incorrect horse battery").await.expect_problem(422, "validation-failed");
    let of_account = |item: &Item| partition_begins(item, "ATTEMPTS#change-password#");
    assert_eq!(desk.items(of_account).await[0]["attempt_count"], number(1));
    desk.set(of_account, "attempt_count", number(20)).await;
    change("correct horse battery").await.expect_problem(429, "too-many-requests");
    // The owner can still sign in elsewhere.
    guess(&desk, &ana.email, "correct horse battery").await.expect(200);
}

#[tokio::test]
async fn a_password_hashed_with_other_parameters_is_rehashed_at_sign_in() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    // "correct horse battery" with 19 MiB and two passes.
    let old = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$iPOQ5f2O21FsjnBvo1AiFcDuSXciCnKUrXFO+yfgNoM";
    desk.set(is_credential, "password_hash", text(old)).await;
    guess(&desk, &ana.email, "incorrect horse battery").await.expect_problem(401, "invalid-credentials");
    let kept = async || desk.items(is_credential).await[0]["password_hash"].as_s().unwrap().clone();
    assert_eq!(kept().await, old);
    guess(&desk, &ana.email, "correct horse battery").await.expect(200);
    assert!(kept().await.starts_with("$argon2id$v=19$m=47104,t=1,p=1$"));
    guess(&desk, &ana.email, "correct horse battery").await.expect(200);
}
