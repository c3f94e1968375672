//! Inviting people: from the mail to the first sign-in, and everything that ends an invitation.

use http::Method;
use local::StackOptions;
use serde_json::{Value, json};

use crate::support::table::{Item, number, partition_begins, sort_key_begins};
use crate::support::{Caller, Desk, Response, assert_unchanged};

const PASSWORD: &str = "the colour of another horse";
const NOAH: &str = "noah@example.net";

async fn invite(admin: &Caller, email: &str) -> Value {
    let body = json!({"name": "Noah", "email": email, "role": "technician"});
    admin.post("/v1/users", body).await.expect(201).body
}

async fn invite_again(admin: &Caller, path: &str) -> Response {
    admin.post_empty(&format!("{path}/invitation")).await
}

async fn accept(desk: &Desk, token: &str) -> Response {
    desk.anyone().post("/v1/auth/password/reset", json!({"token": token, "password": PASSWORD})).await
}

async fn sign_in(desk: &Desk, email: &str) -> Response {
    desk.anyone().post("/v1/auth/login", json!({"email": email, "password": PASSWORD})).await
}

async fn patch(admin: &Caller, path: &str, body: Value) -> Response {
    admin.send_json(Method::PATCH, path, body).await
}

fn mails_to(desk: &Desk, email: &str) -> Vec<local::mails::Mail> {
    desk.stack.mails().all().into_iter().filter(|mail| mail.to == email).collect()
}

fn path_of(user: &Value) -> String {
    format!("/v1/users/{}", user["id"].as_str().unwrap())
}

/// Fails unless the account is inactive in every respect: no sign-in, no ticket, no other mail.
async fn expect_inactive(desk: &Desk, admin: &Caller, user: &Value) {
    let email = user["email"].as_str().unwrap();
    sign_in(desk, email).await.expect_problem(401, "invalid-credentials");
    let ticket = desk.ticket(admin).await;
    let assigned = admin.post(&format!("/v1/tickets/{ticket}/assign"), json!({"assignee_id": user["id"]})).await;
    assigned.expect_problem(422, "not-a-technician");
    let for_them = json!({"title": "The printer jams", "description": "Again.", "requester_id": user["id"]});
    admin.post("/v1/tickets", for_them).await.expect_problem(422, "validation-failed");
    let urgent = json!({"title": "No light", "description": "On floor 3.", "priority": "urgent"});
    admin.post("/v1/tickets", urgent).await.expect(201);
    desk.anyone().post("/v1/auth/password/forgot", json!({"email": email})).await.expect(202);
    desk.wait_until_idle().await;
}

#[tokio::test]
async fn an_invited_colleague_is_mailed_once_and_begins_with_a_password_of_their_own() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let user = invite(&admin, "Noah@example.net").await;
    let path = path_of(&user);
    let shown = json!({"email": "Noah@example.net", "role": "technician", "active": false, "invited": true});
    for (member, value) in shown.as_object().unwrap() {
        assert_eq!(user[member], *value, "{member}");
    }
    assert_eq!(user.get("invitation"), None, "the token is in the mail and nowhere else");
    expect_inactive(&desk, &admin, &user).await;
    let mails = mails_to(&desk, "Noah@example.net");
    assert_eq!(mails.len(), 1, "and no mail of a reset or an urgent ticket: {mails:?}");
    assert_eq!(mails[0].subject, "You are invited to the help desk");
    assert!(!mails[0].text.contains("Noah") && mails[0].text.contains("7 days"), "{}", mails[0].text);
    let another = json!({"name": "Another", "email": NOAH, "role": "user"});
    admin.post("/v1/users", another).await.expect_problem(409, "email-taken");
    patch(&admin, &path, json!({"active": true})).await.expect_problem(409, "invitation-not-accepted");
    patch(&admin, &path, json!({"name": "Noah N."})).await.expect(200);

    let token = &desk.mailed_tokens("Noah@example.net", 1).await[0];
    let weak = json!({"token": token, "password": "password12345"});
    desk.anyone().post("/v1/auth/password/reset", weak).await.expect_problem(422, "validation-failed");
    accept(&desk, token).await.expect(204);
    accept(&desk, token).await.expect_problem(401, "invalid-token");
    let tokens = sign_in(&desk, NOAH).await.expect(200).body;
    let noah = desk.anyone().with_token(tokens["access_token"].as_str().unwrap());
    let own = noah.get("/v1/me").await.expect(200).body;
    assert_eq!((&own["name"], &own["active"], &own["invited"]), (&json!("Noah N."), &json!(true), &json!(false)));
    let ticket = desk.ticket(&admin).await;
    noah.post_empty(&format!("/v1/tickets/{ticket}/assign")).await.expect(200);
    invite_again(&admin, &path).await.expect_problem(409, "not-invited");
    desk.wait_until_idle().await;
    let of_invitations = mails_to(&desk, "Noah@example.net").into_iter().filter(|mail| mail.text.contains("#token="));
    assert_eq!(of_invitations.count(), 1);
}

fn is_token(item: &Item) -> bool {
    sort_key_begins(item, "RESET#")
}

#[tokio::test]
async fn an_invitation_ends_after_seven_days_when_withdrawn_and_with_another_address() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let body = json!({"name": "Noah", "email": NOAH, "role": "user", "language": "pt-BR"});
    let path = path_of(&admin.post("/v1/users", body).await.expect(201).body);
    let expired = desk.mailed_tokens(NOAH, 1).await.remove(0);
    assert_eq!(mails_to(&desk, NOAH)[0].subject, "Convite para o help desk");
    let expires_at: i64 = desk.items(is_token).await[0]["expires_at"].as_n().unwrap().parse().unwrap();
    let (now, week) = (edges::clock::now().unix_seconds(), 7 * 24 * 60 * 60);
    assert!((now + week - 60..=now + week).contains(&expires_at), "{}", expires_at - now);
    desk.set(is_token, "expires_at", number(now)).await;
    accept(&desk, &expired).await.expect_problem(401, "invalid-token");

    // Registering the address mails the invitation again.
    desk.anyone().post("/v1/auth/register", json!({"name": "Noah", "email": NOAH})).await.expect(202);
    desk.mailed_tokens(NOAH, 2).await;
    // Asked for again, and withdrawn: nothing activates the account but another invitation.
    let again = invite_again(&admin, &path).await.expect(202).body;
    assert_eq!(again["invited"], true);
    let withdrawn = desk.mailed_tokens(NOAH, 3).await.remove(2);
    admin.send(Method::DELETE, &path, &[], Vec::new()).await.expect(204);
    let shown = admin.get(&path).await.expect(200).body;
    assert_eq!((&shown["active"], &shown["invited"]), (&json!(false), &json!(false)));
    accept(&desk, &withdrawn).await.expect_problem(401, "invalid-token");
    patch(&admin, &path, json!({"active": true})).await.expect_problem(409, "invitation-not-accepted");
    invite_again(&admin, &path).await.expect(202);
    let misdirected = desk.mailed_tokens(NOAH, 4).await.remove(3);
    accept(&desk, &withdrawn).await.expect_problem(401, "invalid-token");

    // Sent to another address, and back: the token of before stays invalid.
    for email in ["noah@example.com", NOAH] {
        patch(&admin, &path, json!({"email": email})).await.expect(200);
        desk.mailed_tokens(email, 1).await;
    }
    let tokens = desk.mailed_tokens(NOAH, 5).await;
    desk.wait_until_idle().await;
    let before = desk.stored().await;
    accept(&desk, &misdirected).await.expect_problem(401, "invalid-token");
    assert_unchanged(&before, &desk.stored().await, "a token of before the address changed");
    // Two that are valid: the first that is used ends the other.
    invite_again(&admin, &path).await.expect(202);
    let last = desk.mailed_tokens(NOAH, 6).await.remove(5);
    accept(&desk, &tokens[4]).await.expect(204);
    accept(&desk, &last).await.expect_problem(401, "invalid-token");
    // From now on the account is like any other.
    admin.send(Method::DELETE, &path, &[], Vec::new()).await.expect(204);
    invite_again(&admin, &path).await.expect_problem(409, "not-invited");
    patch(&admin, &path, json!({"active": true})).await.expect(200);
    sign_in(&desk, NOAH).await.expect(200);
}

#[tokio::test]
async fn without_mail_the_admin_hands_on_the_token() {
    // Without mails no one can register, so the deployment is one for invited people.
    let page = ("PasswordResetPage", "https://example.org/reset");
    let parameters = [("MailDomain", ""), ("Registration", "invited"), page];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let desk = Desk::with(1, |options| StackOptions { parameters: parameters.into(), ..options }).await;
    let admin = desk.admin().await;
    let user = invite(&admin, NOAH).await;
    let path = path_of(&user);
    let again = invite_again(&admin, &path).await.expect(202).body;
    let token = |answer: &Value| answer["invitation"]["token"].as_str().unwrap().to_owned();
    assert_ne!(token(&user), token(&again));
    let link = format!("https://example.org/reset#token={}", token(&again));
    assert_eq!(again["invitation"]["link"], link);
    let days = edges::clock::now().plus_seconds(6 * 24 * 60 * 60).to_string();
    assert!(again["invitation"]["expires_at"].as_str().unwrap() > days.as_str(), "{again}");
    assert!(desk.items(|item| partition_begins(item, "USER#") && sort_key_begins(item, "EVENT#")).await.is_empty());
    accept(&desk, &token(&user)).await.expect(204);
    accept(&desk, &token(&again)).await.expect_problem(401, "invalid-token");
    sign_in(&desk, NOAH).await.expect(200);
    desk.wait_until_idle().await;
    assert_eq!(desk.stack.mails().all().len(), 0, "no mail is sent");
}
