use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use http::Method;
use local::StackOptions;
use serde_json::{Value, json};
use support::wire::{Fate, Service};

use crate::support::table::{Item, number, partition_begins, sort_key_begins};
use crate::support::{Caller, Desk, Response, assert_unchanged, eventually};

async fn patch(admin: &Caller, user: &Caller, body: Value) -> Response {
    admin.send_json(Method::PATCH, &format!("/v1/users/{}", user.id), body).await
}

async fn sign_in(desk: &Desk, email: &str) -> Response {
    desk.anyone().post("/v1/auth/login", json!({"email": email, "password": "correct horse battery"})).await
}

/// The headers of a browser's form.
const BROWSER: [(&str, &str); 3] = [
    ("accept", "text/html,*/*;q=0.8"),
    ("accept-language", "pt-BR,pt;q=0.9"),
    ("content-type", "application/x-www-form-urlencoded"),
];

async fn verify(desk: &Desk, token: &str) -> Response {
    desk.anyone().post_empty(&format!("/v1/auth/email/verify/{token}")).await
}

fn subjects_to(desk: &Desk, email: &str) -> Vec<String> {
    let mails = desk.stack.mails().all().into_iter().filter(|mail| mail.to == email);
    mails.map(|mail| mail.subject).collect()
}

#[tokio::test]
async fn a_new_address_holds_from_its_verification_on_and_frees_the_old_one() {
    let desk = Desk::open().await.signing_in_over_http();
    let admin = desk.admin().await;
    let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
    let patched = patch(&admin, &ana, json!({"name": "Ana Lima", "email": "Ana.Lima@example.org"})).await.expect(200);
    let shown = |body: &Value| (body["name"].clone(), body["email"].clone(), body["pending_email"].clone());
    assert_eq!(shown(&patched.body), (json!("Ana Lima"), json!(ana.email), json!("Ana.Lima@example.org")));
    assert_eq!(ana.get("/v1/me").await.expect(200).body, patched.body);
    assert_eq!(patched.body.get("verification"), None, "the link is in the mail and nowhere else");
    let token = desk.email_token("Ana.Lima@example.org").await;
    desk.wait_until_idle().await;
    assert_eq!(subjects_to(&desk, "Ana.Lima@example.org"), ["Confirm your new address"]);
    let told = subjects_to(&desk, &ana.email);
    assert!(told.contains(&"Your account is to have another address".to_owned()), "{told:?}");

    // Until then the present address is used for everything, and a GET changes nothing.
    let path = format!("/v1/auth/email/verify/{token}");
    let before = desk.stored().await;
    let page = desk.anyone().send(Method::GET, &path, &BROWSER[..2], Vec::new()).await.expect(200);
    let text = page.body.as_str().unwrap();
    assert!(page.is_page() && text.contains("<button>Confirmar</button>"), "{text}");
    let (id, secret) = token.split_once('.').unwrap();
    let wrong = format!("{id}.{}", secret.chars().rev().collect::<String>());
    verify(&desk, &wrong).await.expect_problem(401, "invalid-token");
    verify(&desk, "nonsense").await.expect_problem(404, "not-found");
    desk.anyone().get("/v1/auth/email/verify/nonsense").await.expect_problem(404, "not-found");
    assert_unchanged(&before, &desk.stored().await, "a wrong token");
    sign_in(&desk, "ana.lima@example.org").await.expect_problem(401, "invalid-credentials");
    sign_in(&desk, &ana.email).await.expect(200);

    let press = async || desk.anyone().send(Method::POST, &path, &BROWSER, Vec::new()).await.expect(200).body;
    let pressed = press().await;
    assert!(pressed.as_str().unwrap().contains("<h1>Endereço confirmado</h1>"), "{pressed}");
    let own = ana.get("/v1/me").await.expect(200).body;
    assert_eq!(shown(&own), (json!("Ana Lima"), json!("Ana.Lima@example.org"), json!(null)));
    sign_in(&desk, "ana.lima@example.org").await.expect(200);
    sign_in(&desk, &ana.email).await.expect_problem(401, "invalid-credentials");
    let again = press().await;
    assert!(again.as_str().unwrap().contains("<h1>Este link não vale mais</h1>"), "{again}");
    verify(&desk, &token).await.expect_problem(401, "invalid-token");

    let before = desk.stored().await;
    let used = json!({"name": "Not Bea", "email": "ANA.LIMA@example.org"});
    patch(&admin, &bea, used).await.expect_problem(409, "email-taken");
    assert_unchanged(&before, &desk.stored().await, "a taken address");
    desk.change_email(&admin, &bea.id, &ana.email).await;
    sign_in(&desk, &ana.email).await.expect(200);
    let case_alone = patch(&admin, &ana, json!({"email": "ana.lima@example.org"})).await.expect(200);
    assert_eq!(case_alone.body["email"], "ana.lima@example.org");
    sign_in(&desk, "ana.lima@example.org").await.expect(200);
}

#[tokio::test]
async fn the_same_address_again_is_mailed_another_link() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let body = json!({"email": "ana.lima@example.org"});
    let first = patch(&admin, &ana, body.clone()).await.expect(200).body;
    desk.email_tokens("ana.lima@example.org", 1).await;
    assert_eq!(patch(&admin, &ana, body).await.expect(200).body, first, "the account is the same");
    let tokens = desk.email_tokens("ana.lima@example.org", 2).await;
    let audit = admin.get(&format!("/v1/users/{}/events", ana.id)).await.expect(200);
    let asked = audit.items().iter().filter(|entry| entry["type"] == "email_change_requested").count();
    assert_eq!(asked, 2);
    // The link of before stays valid, and the first that is used ends both.
    verify(&desk, &tokens[0]).await.expect(204);
    verify(&desk, &tokens[1]).await.expect_problem(401, "invalid-token");
}

fn is_verification(item: &Item) -> bool {
    sort_key_begins(item, "VERIFY#")
}

#[tokio::test]
async fn a_link_to_verify_ends_with_its_change_its_week_and_its_address() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let pending = async || ana.get("/v1/me").await.expect(200).body["pending_email"].clone();
    let ask_again = async |email: &str, count: usize| {
        patch(&admin, &ana, json!({"email": email})).await.expect(200);
        desk.email_tokens(email, count).await.remove(count - 1)
    };
    let ask = async |email: &str| ask_again(email, 1).await;
    let replaced = ask("first@example.net").await;
    let cancelled = ask("second@example.net").await;
    verify(&desk, &replaced).await.expect_problem(401, "invalid-token");
    assert_eq!(pending().await, "second@example.net");
    patch(&admin, &ana, json!({"email": ana.email})).await.expect(200);
    assert_eq!(pending().await, json!(null));
    verify(&desk, &cancelled).await.expect_problem(401, "invalid-token");
    // Another change to the same address does not revive it, and ends with the account.
    let again = ask_again("second@example.net", 2).await;
    verify(&desk, &cancelled).await.expect_problem(401, "invalid-token");
    assert_eq!(pending().await, "second@example.net");
    let path = format!("/v1/users/{}", ana.id);
    admin.send(Method::DELETE, &path, &[], Vec::new()).await.expect(204);
    assert_eq!(admin.get(&path).await.expect(200).body["pending_email"], json!(null));
    verify(&desk, &again).await.expect_problem(401, "invalid-token");
    // One that is asked for meanwhile is mailed once the account is active.
    patch(&admin, &ana, json!({"email": "back@example.net"})).await.expect(200);
    patch(&admin, &ana, json!({"active": true})).await.expect(200);
    verify(&desk, &again).await.expect_problem(401, "invalid-token");
    let back = desk.email_tokens("back@example.net", 1).await.remove(0);
    // What the admin asked for is in the audit, and that it is mailed after a reactivation is not.
    let audit = admin.get(&format!("{path}/events?limit=2")).await.expect(200);
    let actions: Vec<&Value> = audit.items().iter().map(|entry| &entry["type"]).collect();
    assert_eq!(actions, ["reactivated", "email_change_requested"]);
    verify(&desk, &back).await.expect(204);
    assert_eq!(pending().await, json!(null));
    patch(&admin, &ana, json!({"email": ana.email})).await.expect(200);
    verify(&desk, &desk.email_tokens(&ana.email, 1).await[0]).await.expect(204);
    // Another account gets the address in the meantime.
    let taken = ask("third@example.net").await;
    desk.sign_up("Third", "third@example.net", "correct horse battery").await;
    let before = desk.stored().await;
    verify(&desk, &taken).await.expect_problem(401, "invalid-token");
    assert_unchanged(&before, &desk.stored().await, "an address that was taken");
    let expired = ask("fourth@example.net").await;
    let now = edges::clock::now().unix_seconds();
    desk.set(is_verification, "expires_at", number(now)).await;
    verify(&desk, &expired).await.expect_problem(401, "invalid-token");
    assert_eq!(ana.get("/v1/me").await.expect(200).body["email"], ana.email);
}

#[tokio::test]
async fn a_link_to_verify_is_mailed_once_and_the_notice_until_ses_takes_it() {
    let (desk, wire) = Desk::with_wire(1, |options| options.visibility_timeout = Some(Duration::from_secs(1))).await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let (refused, present) = (AtomicUsize::new(0), json!([ana.email]));
    wire.disturb(move |call| {
        if call.service != Service::Ses || call.request["Destination"]["ToAddresses"] != present {
            return Fate::Pass;
        }
        // The SDK itself tries a call three times.
        if refused.fetch_add(1, Ordering::SeqCst) < 4 { Fate::Throttle } else { Fate::Pass }
    });
    patch(&admin, &ana, json!({"email": "ana.lima@example.org"})).await.expect(200);
    let token = desk.email_token("ana.lima@example.org").await;
    let notice = "Your account is to have another address";
    eventually("the notice is mailed", async || {
        subjects_to(&desk, &ana.email).iter().any(|one| one == notice).then_some(())
    })
    .await;
    desk.wait_until_idle().await;
    assert_eq!(subjects_to(&desk, &ana.email), [notice]);
    assert_eq!(subjects_to(&desk, "ana.lima@example.org"), ["Confirm your new address"]);
    verify(&desk, &token).await.expect(204);
}

#[tokio::test]
async fn a_replaced_change_of_an_address_mails_nothing() {
    let (desk, wire) = Desk::with_wire(1, |options| options.visibility_timeout = Some(Duration::from_secs(1))).await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let refuses = Arc::new(AtomicBool::new(true));
    let held = Arc::clone(&refuses);
    wire.disturb(move |call| match call.service {
        Service::Ses if held.load(Ordering::SeqCst) => Fate::Throttle,
        _ => Fate::Pass,
    });
    for email in ["first@example.net", "second@example.net"] {
        patch(&admin, &ana, json!({"email": email})).await.expect(200);
    }
    refuses.store(false, Ordering::SeqCst);
    let token = desk.email_token("second@example.net").await;
    desk.wait_until_idle().await;
    assert_eq!(subjects_to(&desk, "first@example.net"), [""; 0]);
    assert_eq!(subjects_to(&desk, "second@example.net").len(), 1);
    verify(&desk, &token).await.expect(204);
}

#[tokio::test]
async fn an_address_that_was_taken_since_is_not_asked_for_again() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let wanted = json!({"email": "wanted@example.net"});
    patch(&admin, &ana, wanted.clone()).await.expect(200);
    desk.email_token("wanted@example.net").await;
    desk.sign_up("Third", "wanted@example.net", "correct horse battery").await;
    patch(&admin, &ana, wanted).await.expect_problem(409, "email-taken");
    assert_eq!(
        subjects_to(&desk, "wanted@example.net").iter().filter(|one| *one == "Confirm your new address").count(),
        1
    );
}

#[tokio::test]
async fn without_mail_the_admin_hands_on_the_link_that_verifies() {
    let parameters = [("MailDomain", ""), ("Registration", "invited")];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let desk = Desk::with(1, |options| StackOptions { parameters: parameters.into(), ..options }).await;
    let admin = desk.admin().await;
    let new = json!({"email": "moved@example.net"});
    let ana = desk.user("Ana").await;
    let changed = patch(&admin, &ana, new).await.expect(200).body;
    let link = changed["verification"]["link"].as_str().unwrap();
    let days = edges::clock::now().plus_seconds(6 * 24 * 60 * 60).to_string();
    assert!(changed["verification"]["expires_at"].as_str().unwrap() > days.as_str(), "{changed}");
    desk.anyone().post_empty(link).await.expect(204);
    assert_eq!(ana.get("/v1/me").await.expect(200).body["email"], "moved@example.net");
}

#[tokio::test]
async fn a_patch_that_is_refused_or_has_no_effect_writes_nothing() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let before = desk.stored().await;
    for body in [json!({}), json!({"name": "Ana"}), json!({"email": ana.email})] {
        let same = patch(&admin, &ana, body).await.expect(200);
        assert_eq!(same.body["created_at"], same.body["updated_at"]);
    }
    let body = json!({"name": null, "email": "x", "role": "admin", "active": false});
    let problem = patch(&admin, &ana, body).await.expect_problem(422, "validation-failed");
    assert_eq!(problem.pointers(), ["/name", "/email", "/active", "/role"]);
    let body = json!({"name": "Boss", "email": "boss@example.org"});
    patch(&admin, &admin, body).await.expect_problem(409, "not-on-yourself");
    assert_unchanged(&before, &desk.stored().await, "a patch");
    let renamed = patch(&admin, &admin, json!({"name": "Boss"})).await.expect(200);
    assert_eq!((&renamed.body["name"], &renamed.body["role"]), (&json!("Boss"), &json!("admin")));
}

#[tokio::test]
async fn a_reactivated_user_keeps_the_password_but_not_the_sessions() {
    let (desk, wire) = Desk::with_wire(1, |_| {}).await;
    let desk = desk.signing_in_over_http();
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let path = format!("/v1/users/{}", ana.id);
    // A session that neither the request nor the worker deletes. Reactivation must not make it
    // valid.
    desk.stack.instances().unwrap().hold("workers-accounts").await.unwrap();
    wire.disturb(|call| if call.operation == "BatchWriteItem" { Fate::Break } else { Fate::Pass });
    admin.send(Method::DELETE, &path, &[], Vec::new()).await.expect(204);
    wire.calm();
    sign_in(&desk, &ana.email).await.expect_problem(401, "invalid-credentials");
    let taken = patch(&admin, &tina, json!({"email": ana.email})).await.expect_problem(409, "email-taken");
    assert!(taken.body["detail"].as_str().unwrap().contains("an admin can"), "{}", taken.body);

    let before = desk.stored().await;
    tina.send_json(Method::PATCH, &path, json!({"active": true})).await.expect_problem(403, "forbidden");
    let deactivating = patch(&admin, &ana, json!({"active": false})).await.expect_problem(422, "validation-failed");
    assert!(deactivating.body["errors"][0]["detail"].as_str().unwrap().contains("DELETE"), "{}", deactivating.body);
    assert_unchanged(&before, &desk.stored().await, "a refused change");

    let events = async || {
        let events =
            desk.items(|item| sort_key_begins(item, "EVENT#") && partition_begins(item, &format!("USER#{}", ana.id)));
        events.await.into_iter().map(|event| event["type"].as_s().unwrap().clone()).collect::<Vec<_>>()
    };
    let patched = patch(&admin, &ana, json!({"active": true, "name": "Ana Lima"})).await.expect(200);
    assert_eq!((&patched.body["active"], &patched.body["name"]), (&json!(true), &json!("Ana Lima")));
    assert_eq!(events().await, ["deactivated", "reactivated"]);
    let refresh = json!({"refresh_token": ana.refresh_token});
    desk.anyone().post("/v1/auth/refresh", refresh).await.expect_problem(401, "invalid-token");
    let tokens = sign_in(&desk, &ana.email).await.expect(200).body;
    let refresh = json!({"refresh_token": tokens["refresh_token"]});
    desk.anyone().post("/v1/auth/refresh", refresh).await.expect(200);

    let before = desk.stored().await;
    patch(&admin, &ana, json!({"active": true})).await.expect(200);
    patch(&admin, &admin, json!({"active": true})).await.expect(200);
    assert_unchanged(&before, &desk.stored().await, "a change without effect");
    // The worker handles the events of the account, and keeps sessions that began later.
    desk.stack.instances().unwrap().resume("workers-accounts").await.unwrap();
    desk.wait_until_idle().await;
    let sessions = desk.signed_in(ana.clone()).await.all_pages("/v1/me/sessions", 100).await;
    assert_eq!(sessions.len(), 2, "only the sessions since the reactivation remain: {sessions:?}");
}
