//! How much one person may do in an hour.

use std::panic::{AssertUnwindSafe, resume_unwind};

use domain::limit::Hour;
use edges::clock;
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

use crate::service_accounts::program;
use crate::support::table::{Item, number, partition_begins, sort_key_begins};
use crate::support::{Caller, Desk, Response};

/// Returns a desk where a person may open three tickets, write three comments and ask for three
/// mails in an hour.
async fn desk_with_limits(instances: usize) -> Desk {
    let desk = Desk::with(instances, |mut options| {
        for parameter in ["TicketsPerHour", "CommentsPerHour", "MailsPerHour"] {
            options.parameters.insert(parameter.to_owned(), "3".to_owned());
        }
        options
    });
    desk.await
}

fn ticket() -> Value {
    json!({"title": "The printer jams", "description": "Every second page."})
}

async fn open(caller: &Caller, key: &str) -> Response {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    caller.send(Method::POST, "/v1/tickets", &headers, ticket().to_string().into_bytes()).await
}

/// Fails unless the response refuses what this policy limits.
#[track_caller]
fn expect_limit(response: Response, policy: &str, limit: u32) {
    let refused = response.expect_problem(429, "too-many-requests");
    let wait = refused.header("retry-after").unwrap().to_owned();
    let seconds: u32 = wait.parse().unwrap();
    assert!((1..=3_600).contains(&seconds), "{seconds}");
    assert_eq!(refused.header("ratelimit-policy"), Some(format!("\"{policy}\";q={limit};w=3600").as_str()));
    assert_eq!(refused.header("ratelimit"), Some(format!("\"{policy}\";r=0;t={seconds}").as_str()));
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(
        detail.starts_with(&format!("The limit is {limit} {policy} an hour. Try again in {wait} second")),
        "{detail}"
    );
}

/// Runs a test again if it failed and another hour had begun meanwhile, in which everything is
/// counted anew.
pub(crate) async fn in_one_hour(test: impl AsyncFn()) {
    loop {
        let begun = Hour::of(clock::now());
        match AssertUnwindSafe(test()).catch_unwind().await {
            Ok(()) => return,
            Err(failed) if Hour::of(clock::now()) == begun => resume_unwind(failed),
            Err(_) => {}
        }
    }
}

#[tokio::test]
async fn a_service_account_has_its_own_limits_and_they_include_what_it_does_for_people() {
    in_one_hour(async || {
        let desk = Desk::with(1, |mut options| {
            let limits = [("TicketsPerHour", "1"), ("CommentsPerHour", "1")];
            let of_services = [("ServiceTicketsPerHour", "3"), ("ServiceCommentsPerHour", "2")];
            for (parameter, limit) in limits.into_iter().chain(of_services) {
                options.parameters.insert(parameter.to_owned(), limit.to_owned());
            }
            options
        });
        let desk = desk.await;
        let (admin, ana, bea) = (desk.admin().await, desk.user("Ana").await, desk.user("Bea").await);
        let gateway = program(&desk, &admin, "user", &["act_for", "open_tickets", "comment"]).await;
        let post_for = async |person: &Caller, path: &str, key: &str, body: Value| {
            let id = person.id.as_str();
            let headers =
                [("content-type", "application/json"), ("helpdesk-on-behalf-of", id), ("idempotency-key", key)];
            gateway.send(Method::POST, path, &headers, body.to_string().into_bytes()).await
        };
        gateway.post("/v1/tickets", ticket()).await.expect(201);
        let opened = post_for(&ana, "/v1/tickets", "1", ticket()).await.expect(201);
        post_for(&ana, "/v1/tickets", "1", ticket()).await.expect(201);
        post_for(&bea, "/v1/tickets", "2", ticket()).await.expect(201);
        expect_limit(post_for(&ana, "/v1/tickets", "3", ticket()).await, "tickets", 3);
        let comments = format!("/v1/tickets/{}/comments", opened.body["number"]);
        for (key, body) in [("4", "One."), ("4", "One."), ("5", "Two.")] {
            post_for(&ana, &comments, key, json!({"body": body})).await.expect(201);
        }
        expect_limit(post_for(&ana, &comments, "6", json!({"body": "Three."})).await, "comments", 2);
        // What was done for Ana does not count as hers.
        ana.post("/v1/tickets", ticket()).await.expect(201);
        expect_limit(ana.post("/v1/tickets", ticket()).await, "tickets", 1);
        ana.post(&comments, json!({"body": "Four."})).await.expect(201);
    })
    .await;
}

/// Ends the hour for everything that was counted.
async fn end_the_hour(desk: &Desk) {
    for item in desk.items(|item| partition_begins(item, "SPENT#")).await {
        desk.delete(&item).await;
    }
}

#[tokio::test]
async fn the_fourth_of_three_is_refused_until_the_hour_ends() {
    in_one_hour(async || {
        let desk = desk_with_limits(1).await;
        let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
        for _ in 0..3 {
            ana.post("/v1/tickets", ticket()).await.expect(201);
            ana.post("/v1/tickets/1/comments", json!({"body": "Still?"})).await.expect(201);
        }
        let before = desk.stored().await;
        expect_limit(ana.post("/v1/tickets", ticket()).await, "tickets", 3);
        expect_limit(ana.post("/v1/tickets/1/comments", json!({"body": "Still?"})).await, "comments", 3);
        assert_eq!(desk.stored().await, before);

        // Another person has limits of their own, and the next number is not skipped.
        let opened = bea.post("/v1/tickets", ticket()).await.expect(201);
        assert_eq!(opened.body["number"], 4);
        end_the_hour(&desk).await;
        ana.post("/v1/tickets", ticket()).await.expect(201);
        ana.post("/v1/tickets/1/comments", json!({"body": "Still?"})).await.expect(201);
    })
    .await;
}

#[tokio::test]
async fn a_refused_request_costs_nothing() {
    in_one_hour(async || {
        let desk = desk_with_limits(1).await;
        let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
        ana.post("/v1/tickets", ticket()).await.expect(201);
        for _ in 0..4 {
            ana.post("/v1/tickets", json!({"title": "x"})).await.expect(422);
            ana.post("/v1/tickets", json!({"title": "x", "description": "y", "follow_up_of": 1})).await.expect(422);
            bea.post("/v1/tickets/1/comments", json!({"body": "Mine?"})).await.expect(404);
            let headers = [("content-type", "application/json"), ("if-match", "\"9\"")];
            let body = json!({"body": "Still?"}).to_string().into_bytes();
            ana.send(Method::POST, "/v1/tickets/1/comments", &headers, body).await.expect(412);
        }
        for _ in 0..2 {
            ana.post("/v1/tickets", ticket()).await.expect(201);
        }
        for _ in 0..3 {
            ana.post("/v1/tickets/1/comments", json!({"body": "Still?"})).await.expect(201);
        }
        expect_limit(ana.post("/v1/tickets", ticket()).await, "tickets", 3);
    })
    .await;
}

#[tokio::test]
async fn an_admin_may_invite_only_so_often_and_a_refused_invitation_costs_nothing() {
    in_one_hour(async || {
        let desk = desk_with_limits(1).await;
        let (admin, other) = (desk.admin().await, desk.admin().await);
        let noah = json!({"name": "Noah", "email": "noah@example.net", "role": "user"});
        let path = format!("/v1/users/{}/invitation", admin.id);
        let user = admin.post("/v1/users", noah.clone()).await.expect(201).body;
        let again = format!("/v1/users/{}/invitation", user["id"].as_str().unwrap());
        for _ in 0..2 {
            admin.post("/v1/users", noah.clone()).await.expect_problem(409, "email-taken");
            admin.post_empty(&path).await.expect_problem(409, "not-invited");
            admin.post_empty(&again).await.expect(202);
        }
        desk.mailed_tokens("noah@example.net", 3).await;
        desk.wait_until_idle().await;
        let before = desk.stored().await;
        expect_limit(admin.post_empty(&again).await, "mails", 3);
        let mia = json!({"name": "Mia", "email": "mia@example.net", "role": "user"});
        expect_limit(admin.post("/v1/users", mia).await, "mails", 3);
        assert_eq!(desk.stored().await, before);
        other.post_empty(&again).await.expect(202);
    })
    .await;
}

#[tokio::test]
async fn an_admin_may_ask_only_so_often_for_links_that_verify_an_address() {
    in_one_hour(async || {
        let desk = desk_with_limits(1).await;
        let (admin, other) = (desk.admin().await, desk.admin().await);
        let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
        let user = format!("/v1/users/{}", ana.id);
        let patch = async |by: &Caller, body: Value| by.send_json(Method::PATCH, &user, body).await;
        let moved = json!({"email": "ana@example.net"});
        patch(&admin, moved.clone()).await.expect(200);
        for _ in 0..2 {
            // None of these mails anything.
            patch(&admin, json!({"email": bea.email})).await.expect_problem(409, "email-taken");
            patch(&admin, json!({"email": "nobody"})).await.expect_problem(422, "validation-failed");
            patch(&admin, json!({"name": "Ana L.", "active": true})).await.expect(200);
            patch(&admin, moved.clone()).await.expect(200);
        }
        desk.email_tokens("ana@example.net", 3).await;
        desk.wait_until_idle().await;
        let before = desk.stored().await;
        expect_limit(patch(&admin, moved.clone()).await, "mails", 3);
        expect_limit(patch(&admin, json!({"email": "ana@example.com"})).await, "mails", 3);
        let mia = json!({"name": "Mia", "email": "mia@example.net", "role": "user"});
        expect_limit(admin.post("/v1/users", mia).await, "mails", 3);
        assert_eq!(desk.stored().await, before);
        // To end the change takes no mail, and another admin has limits of their own.
        let kept = patch(&admin, json!({"email": ana.email})).await.expect(200);
        assert_eq!(kept.body["pending_email"], Value::Null);
        patch(&other, moved.clone()).await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn a_replay_costs_nothing_even_in_a_race() {
    in_one_hour(async || {
        let desk = desk_with_limits(4).await;
        let ana = desk.user("Ana").await;
        let racing = join_all((0..16).map(|_| open(&ana, "one"))).await;
        let numbers: Vec<Value> = racing
            .into_iter()
            .filter(|response| response.status == 201)
            .map(|response| response.body["number"].clone())
            .collect();
        assert!(!numbers.is_empty() && numbers.iter().all(|number| *number == numbers[0]), "{numbers:?}");
        for _ in 0..4 {
            open(&ana, "one").await.expect(201);
        }
        for key in ["two", "three"] {
            open(&ana, key).await.expect(201);
        }
        expect_limit(open(&ana, "four").await, "tickets", 3);
        // What was done before can still be repeated.
        open(&ana, "one").await.expect(201);
    })
    .await;
}

#[tokio::test]
async fn of_16_concurrent_requests_exactly_three_pass() {
    in_one_hour(async || {
        let desk = desk_with_limits(4).await;
        let ana = desk.user("Ana").await;
        ana.post("/v1/tickets", ticket()).await.expect(201);
        let opened = join_all((0..16).map(|_| ana.post("/v1/tickets", ticket()))).await;
        assert_eq!(opened.iter().filter(|response| response.status == 201).count(), 2);
        let commented = join_all((0..16).map(|_| ana.post("/v1/tickets/1/comments", json!({"body": "Still?"})))).await;
        assert_eq!(commented.iter().filter(|response| response.status == 201).count(), 3);
    })
    .await;
}

#[tokio::test]
async fn no_more_than_120_api_tokens_of_a_person_are_made_in_an_hour() {
    in_one_hour(async || {
        let desk = Desk::open().await;
        let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
        let make = || ana.post("/v1/me/tokens", json!({"name": "Program", "scopes": ["inbox"]}));
        let id = make().await.expect(201).body["id"].as_str().unwrap().to_owned();
        // Revoked ones count too.
        ana.send(Method::DELETE, &format!("/v1/me/tokens/{id}"), &[], Vec::new()).await.expect(204);
        let of_counter = |item: &Item| sort_key_begins(item, "TOKENS");
        desk.set(of_counter, "made_in_hour", number(119)).await;
        make().await.expect(201);
        let before = desk.stored().await;
        expect_limit(make().await, "tokens", 120);
        assert_eq!(desk.stored().await, before);
        bea.post("/v1/me/tokens", json!({"name": "Program", "scopes": ["inbox"]})).await.expect(201);

        let last_hour = Hour::of(clock::now()).number() - 1;
        desk.set(
            |item| of_counter(item) && partition_begins(item, &format!("USER#{}", ana.id)),
            "hour",
            number(last_hour),
        )
        .await;
        make().await.expect(201);
    })
    .await;
}
