//! A forgotten password: the mail, the link and the effects of a reset.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::table::{Item, number, partition_begins, sort_key_begins};
use crate::support::{Caller, Desk, Response, assert_unchanged, embedded_only, eventually};

const NEW: &str = "the colour of another horse";

async fn request_reset(desk: &Desk, email: &str) -> Response {
    desk.anyone().post("/v1/auth/password/forgot", json!({"email": email})).await
}

async fn reset(desk: &Desk, token: &str, password: &str) -> Response {
    desk.anyone().post("/v1/auth/password/reset", json!({"token": token, "password": password})).await
}

async fn sign_in(caller: &Caller, password: &str) -> Response {
    caller.post("/v1/auth/login", json!({"email": caller.email, "password": password})).await
}

async fn refresh(caller: &Caller) -> Response {
    caller.post("/v1/auth/refresh", json!({"refresh_token": caller.refresh_token})).await
}

fn is_reset(item: &Item) -> bool {
    sort_key_begins(item, "RESET#")
}

fn is_session(item: &Item) -> bool {
    sort_key_begins(item, "SESSION#")
}

#[tokio::test]
async fn a_password_is_reset_once_and_every_device_is_signed_out() {
    let desk = Desk::open().await.signing_in_over_http();
    let laptop = desk.user("Ana").await;
    let phone = desk.signed_in(laptop.clone()).await;
    request_reset(&desk, &laptop.email.to_uppercase()).await.expect(202);
    let token = &desk.mailed_tokens(&laptop.email, 1).await[0];
    let mail = &desk.stack.mails().all()[0];
    assert_eq!(mail.subject, "Choose a new password");
    assert!(!mail.text.contains("Ana") && mail.text.contains("10 minutes"), "{}", mail.text);

    desk.wait_until_idle().await;
    let before = desk.stored().await;
    let weak = reset(&desk, token, "password12345").await.expect_problem(422, "validation-failed");
    assert_eq!(weak.pointers(), ["/password"]);
    assert_unchanged(&before, &desk.stored().await, "a weak password");
    reset(&desk, token, NEW).await.expect(204);
    reset(&desk, token, "yet another horse's colour").await.expect_problem(401, "invalid-token");
    for device in [&laptop, &phone] {
        refresh(device).await.expect_problem(401, "invalid-token");
    }
    sign_in(&laptop, "correct horse battery").await.expect_problem(401, "invalid-credentials");
    sign_in(&laptop, NEW).await.expect(200);
}

#[tokio::test]
async fn only_one_of_many_concurrent_uses_of_a_reset_token_succeeds() {
    let desk = Desk::with_instances(4).await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    request_reset(&desk, &ana.email).await.expect(202);
    let token = &desk.mailed_tokens(&ana.email, 1).await[0];
    let passwords: Vec<String> = (0..8).map(|number| format!("{NEW} {number}")).collect();
    let responses = join_all(passwords.iter().map(|password| reset(&desk, token, password))).await;
    let winners: Vec<usize> = (0..8).filter(|place| responses[*place].status == 204).collect();
    assert_eq!(winners.len(), 1, "{responses:?}");
    assert!(
        responses.iter().all(|response| response.status == 204 || response.body["type"] == "/problems/invalid-token")
    );
    sign_in(&ana, &passwords[winners[0]]).await.expect(200);
}

#[tokio::test]
async fn a_sign_in_with_the_old_password_during_a_reset_leaves_no_session() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    request_reset(&desk, &ana.email).await.expect(202);
    let token = desk.mailed_tokens(&ana.email, 1).await.remove(0);
    reset(&desk, &token, NEW).await.expect(204);
    let ana = Caller { refresh_token: String::new(), ..ana };
    let tokens = sign_in(&ana, NEW).await.expect(200).body;
    let refresh_token = tokens["refresh_token"].as_str().unwrap().to_owned();
    // The session of a sign-in that had compared the password before it was changed.
    desk.set(is_session, "credential_version", number(1)).await;
    refresh(&Caller { refresh_token, ..ana }).await.expect_problem(401, "invalid-token");
}

#[tokio::test]
async fn known_and_unknown_addresses_get_the_same_response_to_a_reset_request() {
    let desk = Desk::open().await.signing_in_over_http();
    let admin = desk.admin().await;
    let (ana, gone) = (desk.user("Ana").await, desk.user("Gone").await);
    let path = format!("/v1/users/{}", gone.id);
    admin.send(http::Method::DELETE, &path, &[], Vec::new()).await.expect(204);
    let mut responses = Vec::new();
    for email in ["nobody@example.org", &gone.email, &ana.email] {
        let mut response = request_reset(&desk, email).await.expect(202);
        response.headers.remove("x-request-id");
        response.headers.remove("date");
        responses.push((response.status, response.headers, response.body));
    }
    assert!(responses.iter().all(|response| *response == responses[0]), "{responses:?}");
    desk.mailed_tokens(&ana.email, 1).await;
    assert_eq!(desk.items(is_reset).await.len(), 1, "one account, one token");
    assert_eq!(desk.stack.mails().all().len(), 1);
    request_reset(&desk, "no address").await.expect_problem(422, "validation-failed");
}

#[tokio::test]
async fn a_repeated_reset_request_after_a_restart_sends_no_second_mail() {
    if embedded_only("it keeps data on disk") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let open = async || {
        let database = local::DatabaseLocation::Directory { path: directory.path().to_owned(), fresh: false };
        Desk::with(1, |options| local::StackOptions { database, ..options }).await.signing_in_over_http()
    };
    let desk = open().await;
    let ana = desk.user("Ana").await;
    request_reset(&desk, &ana.email).await.expect(202);
    let token = desk.mailed_tokens(&ana.email, 1).await.remove(0);
    eventually("the request is deleted", async || {
        desk.items(|item| partition_begins(item, "RESET_REQUEST#")).await.is_empty().then_some(())
    })
    .await;
    desk.stack.stop().await;
    // The stream is read again from its beginning, as in a redelivery after days.
    let desk = open().await;
    request_reset(&desk, &ana.email).await.expect(202);
    let tokens = desk.mailed_tokens(&ana.email, 1).await;
    assert_eq!(desk.stack.mails().all().len(), 1, "the first request's mail is not sent again");
    reset(&desk, &token, NEW).await.expect(204);
    reset(&desk, &tokens[0], NEW).await.expect_problem(401, "invalid-token");
}

#[tokio::test]
async fn an_altered_or_outdated_reset_token_is_refused() {
    let desk = Desk::open().await.signing_in_over_http();
    let admin = desk.admin().await;
    let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
    for person in [&ana, &bea] {
        request_reset(&desk, &person.email).await.expect(202);
    }
    let token = &desk.mailed_tokens(&ana.email, 1).await[0];
    let beas = &desk.mailed_tokens(&bea.email, 1).await[0];
    // The request is deleted a moment after its mail is sent.
    desk.wait_until_idle().await;
    let before = desk.stored().await;
    let swapped = format!("{}{}", &token[..22], &beas[22..]);
    let flipped = format!("{}{}", &token[..63], if token.ends_with('A') { 'B' } else { 'A' });
    for wrong in [
        "",
        " ",
        "null",
        &token[1..],
        &format!("{token}A"),
        &token.to_lowercase(),
        &token.to_uppercase(),
        &swapped,
        &flipped,
        &format!("{} {}", &token[..32], &token[32..]),
        &ana.refresh_token,
        ana.access_token.as_deref().unwrap(),
    ] {
        let response = reset(&desk, wrong, NEW).await.expect_problem(401, "invalid-token");
        assert_eq!(
            response.header("www-authenticate"),
            Some(r#"Bearer realm="helpdesk", error="invalid_token""#),
            "{wrong}"
        );
    }
    let body = json!({"token": null, "password": NEW});
    desk.anyone().post("/v1/auth/password/reset", body).await.expect_problem(422, "validation-failed");
    assert_unchanged(&before, &desk.stored().await, "a wrong token");

    // A token is refused if the password or the address of the account was changed after it was
    // mailed.
    let body = json!({"current_password": "correct horse battery", "new_password": NEW});
    ana.post("/v1/me/password", body).await.expect(204);
    reset(&desk, token, "yet another horse's colour").await.expect_problem(401, "invalid-token");
    desk.change_email(&admin, &bea.id, "bea@example.net").await;
    reset(&desk, beas, NEW).await.expect_problem(401, "invalid-token");
}

#[tokio::test]
async fn a_reset_token_is_valid_for_ten_minutes() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    request_reset(&desk, &ana.email).await.expect(202);
    let token = &desk.mailed_tokens(&ana.email, 1).await[0];
    let expires_at: i64 = desk.items(is_reset).await[0]["expires_at"].as_n().unwrap().parse().unwrap();
    let now = edges::clock::now().unix_seconds();
    assert!((now + 570..=now + 600).contains(&expires_at), "{}", expires_at - now);
    desk.set(is_reset, "expires_at", number(now)).await;
    reset(&desk, token, NEW).await.expect_problem(401, "invalid-token");
}

#[tokio::test]
async fn reset_mails_are_limited_and_a_reset_ends_the_sign_in_waits() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    for _ in 0..3 {
        request_reset(&desk, &ana.email).await.expect(202);
        request_reset(&desk, "nobody@example.org").await.expect(202);
    }
    for email in [ana.email.as_str(), "nobody@example.org"] {
        let response = request_reset(&desk, email).await.expect_problem(429, "too-many-requests");
        let wait: u32 = response.header("retry-after").unwrap().parse().unwrap();
        assert!((50..=60).contains(&wait), "{wait}");
    }
    let tokens = desk.mailed_tokens(&ana.email, 3).await;
    assert_eq!(desk.stack.mails().all().len(), 3);
    sign_in(&ana, "incorrect horse battery").await.expect_problem(401, "invalid-credentials");
    desk.fail_sign_ins(&ana.email, 20).await;
    sign_in(&ana, "correct horse battery").await.expect_problem(429, "too-many-requests");
    reset(&desk, &tokens[1], NEW).await.expect(204);
    sign_in(&ana, NEW).await.expect(200);
    for other in [&tokens[0], &tokens[2]] {
        reset(&desk, other, "yet another horse's colour").await.expect_problem(401, "invalid-token");
    }
}

#[tokio::test]
async fn sessions_that_a_reset_could_not_delete_are_invalid_and_deleted_later() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    request_reset(&desk, &ana.email).await.expect(202);
    let token = desk.mailed_tokens(&ana.email, 1).await.remove(0);
    // The sessions that the endpoint deletes after its commit are put back, as if it had died in
    // between.
    let instances = desk.stack.instances().unwrap();
    instances.hold("workers-accounts").await.unwrap();
    let kept = desk.items(is_session).await;
    reset(&desk, &token, NEW).await.expect(204);
    assert_eq!(desk.items(is_session).await.len(), 0);
    for item in kept {
        desk.put(item).await;
    }
    refresh(&ana).await.expect_problem(401, "invalid-token");
    instances.resume("workers-accounts").await.unwrap();
    eventually("the worker ends the session", async || desk.items(is_session).await.is_empty().then_some(())).await;
    let now: Value = sign_in(&ana, NEW).await.expect(200).body;
    assert!(now["access_token"].is_string());
}
