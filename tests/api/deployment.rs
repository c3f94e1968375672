//! What the deployment itself makes, over the requests of `CloudFormation`.

use aws_sdk_dynamodb::types::AttributeValue;
use edges::auth::TokenIssuer;
use edges::clock;
use http::Method;
use local::http::Client;
use local::keys::SigningKey;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use support::wire::{Call, Fate};

use crate::support::table::{Item, number, sort_key_begins};
use crate::support::{Desk, Reaction, Receiver, eventually};

const FUNCTION: &str = "deployment-signing-key";
const KEY_NAME: &str = "/helpdesk/signing-key";
pub(crate) const NO_KEYS: &str = r#"{"keys":[]}"#;

/// A request of `CloudFormation` that this receiver gets the answer of.
pub(crate) fn request(receiver: &Receiver, kind: &str, verify_keys: &str) -> Value {
    let mut request = json!({
        "RequestType": kind,
        "ResponseURL": format!("{}?signature=hush", receiver.url),
        "StackId": "arn:aws:cloudformation:us-east-1:000000000000:stack/helpdesk/1",
        "RequestId": format!("{kind}-1"),
        "ResourceType": "Custom::SigningKey",
        "LogicalResourceId": "SigningKey",
        "ResourceProperties": {"ServiceToken": "arn", "KeyName": KEY_NAME, "VerifyKeys": verify_keys},
    });
    if kind != "Create" {
        request["PhysicalResourceId"] = json!(KEY_NAME);
        request["OldResourceProperties"] = request["ResourceProperties"].clone();
    }
    request
}

/// The same for the first admin.
pub(crate) fn request_of_admin(receiver: &Receiver, kind: &str, email: &str) -> Value {
    let mut request = request(receiver, kind, NO_KEYS);
    request["LogicalResourceId"] = json!("FirstAdmin");
    request["ResourceProperties"] = json!({"ServiceToken": "arn", "Email": email});
    request
}

/// Invokes the function, and returns what it answered.
pub(crate) async fn answered(desk: &Desk, receiver: &Receiver, request: &Value) -> Value {
    let makes_admin = request["LogicalResourceId"] == "FirstAdmin";
    let function = if makes_admin { "deployment-first-admin" } else { FUNCTION };
    desk.stack.invoke(function, request).await.unwrap();
    let answer = receiver.received().pop().unwrap();
    // The signature of the URL covers an empty content type.
    assert!(!answer.headers.contains_key("content-type"), "{answer:?}");
    let answer = answer.json();
    for name in ["StackId", "RequestId", "LogicalResourceId"] {
        assert_eq!(answer[name], request[name], "{answer}");
    }
    answer
}

fn ids(answer: &Value) -> Vec<String> {
    assert_eq!(answer["Status"], "SUCCESS", "{answer}");
    let keys: Value = serde_json::from_str(answer["Data"]["VerifyKeys"].as_str().unwrap()).unwrap();
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

async fn call_ssm(desk: &Desk, operation: &str, request: Value) -> Value {
    let target = format!("AmazonSSM.{operation}");
    let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
    let body = request.to_string().into_bytes();
    let (client, deadline) = (Client::default(), Duration::from_secs(10));
    let response = client.send(Method::POST, desk.stack.ssm_url(), &headers, body, deadline).await.unwrap();
    assert!(response.status.is_success(), "{operation}: {:?}", response.json());
    response.json().unwrap_or_default()
}

async fn stored_key(desk: &Desk) -> String {
    let read = call_ssm(desk, "GetParameter", json!({"Name": KEY_NAME, "WithDecryption": true})).await;
    assert_eq!(read["Parameter"]["Type"], "SecureString");
    read["Parameter"]["Value"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_deployment_makes_its_signing_key_once_and_never_overwrites_or_removes_one() {
    let (desk, wire) = Desk::with_wire(1, |_| ()).await;
    let desk = desk.signing_in_over_http();
    let receiver = Receiver::open();
    let of_before = desk.stack.signing_key().clone();

    // A stack of before has a key: nothing changes.
    let create = request(&receiver, "Create", &of_before.jwks);
    let kept = answered(&desk, &receiver, &create).await;
    assert_eq!((ids(&kept), stored_key(&desk).await), (vec![of_before.key_id.clone()], of_before.pem.clone()));

    // A new one has none. The answer to the write is lost, so the function repeats it.
    call_ssm(&desk, "DeleteParameter", json!({"Name": KEY_NAME})).await;
    let lost = AtomicBool::new(false);
    let loses = move |call: &Call| call.operation == "PutParameter" && !lost.swap(true, Ordering::Relaxed);
    wire.disturb(move |call| if loses(call) { Fate::LoseAnswer } else { Fate::Pass });
    let made = answered(&desk, &receiver, &request(&receiver, "Create", NO_KEYS)).await;
    wire.calm();
    assert_eq!(made["PhysicalResourceId"], KEY_NAME);
    let own = SigningKey::from_pem(&stored_key(&desk).await).unwrap();
    assert_eq!(ids(&made).join(" "), own.key_id);
    assert_ne!(own.key_id, of_before.key_id);
    TokenIssuer::new("helpdesk".to_owned(), "helpdesk-api".to_owned(), &own.pem).unwrap();

    // It is kept whatever follows, and accepted first.
    for (kind, given, expected) in [
        ("Create", NO_KEYS, vec![&own.key_id]),
        ("Update", of_before.jwks.as_str(), vec![&own.key_id, &of_before.key_id]),
        ("Update", NO_KEYS, vec![&own.key_id]),
    ] {
        let answer = answered(&desk, &receiver, &request(&receiver, kind, given)).await;
        assert_eq!(ids(&answer).iter().collect::<Vec<_>>(), expected, "{kind}");
        assert_eq!(answer["PhysicalResourceId"], KEY_NAME);
    }
    let deleted = answered(&desk, &receiver, &request(&receiver, "Delete", NO_KEYS)).await;
    assert_eq!((&deleted["Status"], &deleted["PhysicalResourceId"]), (&json!("SUCCESS"), &json!(KEY_NAME)));
    assert_eq!(stored_key(&desk).await, own.pem);

    // The functions that issue tokens sign with it.
    let ana = desk.user("Ana").await;
    let header = jsonwebtoken::decode_header(ana.access_token.as_deref().unwrap()).unwrap();
    assert_eq!(header.kid, Some(own.key_id));
    no_secret_is_logged(&desk, &own.pem);
}

fn no_secret_is_logged(desk: &Desk, pem: &str) {
    let lines = desk.stack.printed_by(FUNCTION);
    assert!(lines.iter().any(|line| line.contains("custom resource answered")), "{lines:?}");
    let secret = pem.lines().nth(1).unwrap();
    assert!(lines.iter().all(|line| !line.contains(secret) && !line.contains("hush")), "{lines:?}");
}

#[tokio::test]
async fn cloudformation_gets_an_answer_whatever_is_wrong() {
    let desk = Desk::open().await;
    let receiver = Receiver::open();
    let mut without_properties = request(&receiver, "Update", NO_KEYS);
    without_properties["ResourceProperties"] = json!({});
    for (request, reason) in [
        (request(&receiver, "Update", "nonsense"), "TokenVerifyKeys: it is not a JWKS document"),
        (without_properties, "KeyName"),
    ] {
        let answer = answered(&desk, &receiver, &request).await;
        // The id stays, so that nothing is replaced.
        assert_eq!((&answer["Status"], &answer["PhysicalResourceId"]), (&json!("FAILED"), &json!(KEY_NAME)));
        assert!(answer["Reason"].as_str().unwrap().contains(reason), "{answer}");
    }
    let other = json!({"Name": KEY_NAME, "Value": "sesame", "Type": "SecureString", "Overwrite": true});
    call_ssm(&desk, "PutParameter", other).await;
    let answer = answered(&desk, &receiver, &request(&receiver, "Create", NO_KEYS)).await;
    assert_eq!((&answer["Status"], &answer["PhysicalResourceId"]), (&json!("FAILED"), &json!("SigningKey")));
    let reason = answer["Reason"].as_str().unwrap();
    assert!(reason.contains("/helpdesk/signing-key holds no signing key") && !reason.contains("sesame"), "{reason}");
    assert_eq!(stored_key(&desk).await, "sesame");

    // An answer that is not taken is sent again. If it is never taken, the invocation fails, so
    // that Lambda repeats it.
    let failing = Receiver::open();
    failing.react(Reaction::Answer(503, ""));
    let delete = request(&failing, "Delete", NO_KEYS);
    let (invoked, ()) = tokio::join!(desk.stack.invoke(FUNCTION, &delete), async {
        eventually("the answer is refused", async || (!failing.received().is_empty()).then_some(())).await;
        failing.react(Reaction::Answer(200, ""));
    });
    assert_eq!(invoked.unwrap()["Status"], "SUCCESS");
    failing.react(Reaction::Answer(403, ""));
    let error = desk.stack.invoke(FUNCTION, &delete).await.unwrap_err().to_string();
    assert!(error.contains("refused with 403") && !error.contains("hush"), "{error}");
}

/// Returns a desk where the first call of each of these operations of a function is denied: changes
/// to IAM take some seconds until they are seen everywhere, and the role is as old as the function.
async fn desk_denying_first(function: &'static str, operations: [&'static str; 2]) -> Desk {
    let (desk, wire) = Desk::with_wire(1, |_| ()).await;
    let denied = operations.map(|operation| (operation, AtomicBool::new(false)));
    wire.disturb(move |call| {
        let mut listed =
            denied.iter().filter(|(operation, _)| call.function == function && call.operation == *operation);
        let is_first = listed.any(|(_, was_denied)| !was_denied.swap(true, Ordering::SeqCst));
        if is_first { Fate::Deny } else { Fate::Pass }
    });
    desk
}

#[tokio::test]
async fn a_deployment_waits_for_the_rights_of_its_new_role() {
    let desk = desk_denying_first(FUNCTION, ["PutParameter", "GetParameter"]).await;
    let receiver = Receiver::open();
    let answer = answered(&desk, &receiver, &request(&receiver, "Create", NO_KEYS)).await;
    assert_eq!(ids(&answer), [desk.stack.signing_key().key_id.clone()]);
}

#[tokio::test]
async fn an_invitation_of_the_first_admin_waits_for_the_rights_of_its_role() {
    let desk = desk_denying_first("deployment-first-admin", ["TransactWriteItems", "GetItem"]).await;
    let receiver = Receiver::open();
    for expected in ["invited by mail", "invited within the last seven days"] {
        let request = request_of_admin(&receiver, "Create", "ada@example.org");
        let answer = answered(&desk, &receiver, &request).await;
        assert_eq!((&answer["Status"], &answer["Data"]["Outcome"]), (&json!("SUCCESS"), &json!(expected)), "{answer}");
    }
}

/// Ends the invitations that were sent before.
pub(crate) async fn let_invitations_expire(desk: &Desk) {
    let week_ago = clock::now().plus_seconds(-7 * 24 * 60 * 60);
    let is_invited = |item: &Item| item.contains_key("invitation");
    desk.set(is_invited, "updated_at", AttributeValue::S(week_ago.to_string())).await;
    let is_token = |item: &Item| sort_key_begins(item, "RESET#");
    desk.set(is_token, "expires_at", number(clock::now().unix_seconds() - 1)).await;
}

#[tokio::test]
async fn the_first_admin_is_invited_by_mail_and_again_once_the_invitation_expired() {
    let desk = Desk::open().await.signing_in_over_http();
    let receiver = Receiver::open();
    let email = "ada@example.org";
    let outcome = async |kind: &str| {
        let answer = answered(&desk, &receiver, &request_of_admin(&receiver, kind, email)).await;
        assert_eq!((&answer["Status"], &answer["PhysicalResourceId"]), (&json!("SUCCESS"), &json!("first-admin")));
        answer["Data"]["Outcome"].as_str().unwrap().to_owned()
    };
    assert_eq!(outcome("Create").await, "invited by mail");
    for kind in ["Create", "Update"] {
        assert_eq!(outcome(kind).await, "invited within the last seven days");
    }
    let [expired] = desk.mailed_tokens(email, 1).await.try_into().unwrap();
    let_invitations_expire(&desk).await;
    assert_eq!(outcome("Update").await, "invited by mail again, because the previous invitation expired");
    assert_eq!(outcome("Update").await, "invited within the last seven days");
    let [_, token] = desk.mailed_tokens(email, 2).await.try_into().unwrap();
    let password = "correct horse battery";
    let choose = async |token: &str| {
        desk.anyone().post("/v1/auth/password/reset", json!({"token": token, "password": password})).await
    };
    choose(&expired).await.expect_problem(401, "invalid-token");
    choose(&token).await.expect(204);
    let signed_in =
        desk.anyone().post("/v1/auth/login", json!({"email": email, "password": password})).await.expect(200);
    let ada = desk.anyone().with_token(signed_in.body["access_token"].as_str().unwrap());
    assert_eq!(ada.get("/v1/me").await.expect(200).body["role"], "admin");
    assert_eq!(outcome("Update").await, "an active admin");
    desk.wait_until_idle().await;
    assert_eq!(desk.mailed_tokens(email, 2).await.len(), 2);
}

#[tokio::test]
async fn an_account_that_is_no_admin_is_left_alone_and_the_deployment_says_so() {
    let desk = Desk::open().await;
    let receiver = Receiver::open();
    let (admin, ana, former) = (desk.admin().await, desk.user("Ana").await, desk.admin().await);
    admin.send(Method::DELETE, &format!("/v1/users/{}", former.id), &[], Vec::new()).await.expect(204);
    desk.wait_until_idle().await;
    let before = desk.stored().await;
    for email in [&ana.email, &former.email] {
        let answer = answered(&desk, &receiver, &request_of_admin(&receiver, "Create", email)).await;
        // A failure would roll back an update, and the roll-back could fail likewise.
        assert_eq!(answer["Status"], "SUCCESS");
        let outcome = answer["Data"]["Outcome"].as_str().unwrap();
        assert_eq!(outcome, "not invited, because the address has an account that is not an active admin's");
    }
    assert_eq!(desk.stored().await, before);
    let lines = desk.stack.printed_by("deployment-first-admin");
    assert!(
        lines.iter().any(|line| line.contains("AdminEmail: not invited") && !line.contains(&ana.email)),
        "{lines:?}"
    );

    let answer = answered(&desk, &receiver, &request_of_admin(&receiver, "Create", "nobody@")).await;
    assert_eq!(answer["Status"], "FAILED");
    assert!(answer["Reason"].as_str().unwrap().starts_with("AdminEmail: "), "{answer}");
}
