//! Registering: which mails are sent, what the link does, and who may register.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use local::mails::Mail;
use serde_json::{Value, json};
use support::wire::{Fate, Service};

use crate::limits::in_one_hour;
use crate::support::table::{partition_begins, sort_key_begins};
use crate::support::{Desk, PASSWORD, Response, assert_unchanged, eventually};

async fn register(desk: &Desk, name: &str, email: &str) -> Response {
    desk.anyone().post("/v1/auth/register", json!({"name": name, "email": email})).await
}

async fn choose(desk: &Desk, token: &str, password: &str) -> Response {
    desk.anyone().post("/v1/auth/password/reset", json!({"token": token, "password": password})).await
}

async fn sign_in(desk: &Desk, email: &str, password: &str) -> Response {
    desk.anyone().post("/v1/auth/login", json!({"email": email, "password": password})).await
}

/// Starts a desk with this policy.
async fn desk_for(policy: &str, domains: &str) -> Desk {
    let parameters = [("Registration", policy), ("RegistrationDomains", domains)];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let desk = Desk::with(1, |mut options| {
        options.parameters.extend(parameters);
        options
    });
    desk.await.signing_in_over_http()
}

/// Pretends that the hour in which addresses were registered is over.
async fn let_the_hour_end(desk: &Desk) {
    for record in desk.items(|item| partition_begins(item, "REGISTRATION_MAIL#")).await {
        desk.delete(&record).await;
    }
}

#[tokio::test]
async fn an_account_is_created_once_with_the_mailed_link_and_not_before() {
    let desk = Desk::open().await.signing_in_over_http();
    let admin = desk.admin().await;
    let spoken = [("accept-language", "pt-BR,pt;q=0.9"), ("content-type", "application/json")];
    let body = json!({"name": "Ana", "email": " Ana@Example.org\n"}).to_string().into_bytes();
    desk.anyone().send(Method::POST, "/v1/auth/register", &spoken, body).await.expect(202);
    let token = &desk.mailed_tokens("Ana@Example.org", 1).await[0];
    let mail = &desk.stack.mails().all()[0];
    assert_eq!(mail.subject, "Conclua o seu cadastro", "in the language of the browser");
    assert!(!mail.text.contains("Ana") && mail.text.contains("24 horas"), "{}", mail.text);
    let found = admin.get("/v1/users?email=ana@example.org").await.expect(200);
    assert_eq!(found.items(), [] as [Value; 0], "there is no account yet");
    assert!(!format!("{:?}", desk.stored().await).contains(token), "the token is stored only as a hash");

    desk.wait_until_idle().await;
    let before = desk.stored().await;
    let weak = choose(&desk, token, "password12345").await.expect_problem(422, "validation-failed");
    assert_eq!(weak.pointers(), ["/password"]);
    choose(&desk, &format!("{}A", &token[..token.len() - 1]), PASSWORD).await.expect_problem(401, "invalid-token");
    assert_unchanged(&before, &desk.stored().await, "a weak password and a wrong token");
    choose(&desk, &format!(" {token} "), PASSWORD).await.expect(204);
    choose(&desk, token, "battery horse correct").await.expect_problem(401, "invalid-token");
    let tokens = sign_in(&desk, "ana@example.org", PASSWORD).await.expect(200).body;
    let ana = desk.anyone().with_token(tokens["access_token"].as_str().unwrap());
    let me = ana.get("/v1/me").await.expect(200).body;
    assert_eq!((&me["name"], &me["email"]), (&json!("Ana"), &json!("Ana@Example.org")));
    assert_eq!((&me["role"], &me["active"]), (&json!("user"), &json!(true)));
    let preferences = ana.get("/v1/me/notification-preferences").await.expect(200).body;
    assert_eq!(preferences["language"], "pt-BR", "the later mails come in the language of the first");
    let audit = admin.get(&format!("/v1/users/{}/events", me["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(audit.items().last().unwrap()["type"], "registered");
    assert!(desk.items(|item| partition_begins(item, "REGISTRATION#")).await.is_empty(), "nothing is left of it");
}

/// A person who registers a stranger's address gets neither an account nor an answer, and the stranger
/// gets one mail.
#[tokio::test]
async fn every_address_gets_the_same_response_and_one_mail_an_hour() {
    in_one_hour(async || {
        let desk = Desk::open().await.signing_in_over_http();
        let admin = desk.admin().await;
        let (ana, gone) = (desk.user("Ana").await, desk.user("Gone").await);
        admin.send(Method::DELETE, &format!("/v1/users/{}", gone.id), &[], Vec::new()).await.expect(204);
        desk.wait_until_idle().await;
        let emails = ["stranger@example.org", &ana.email, &gone.email];
        let mut responses = Vec::new();
        for email in emails {
            desk.wire().record();
            let mut response = register(&desk, "Eve", email).await.expect(202);
            let exchanges = desk.wire().recorded().into_iter().map(|exchange| exchange.call);
            let own = exchanges.filter(|call| call.function == "auth-register" && call.service == Service::DynamoDb);
            let calls: Vec<String> = own.map(|call| call.operation).collect();
            for name in ["x-request-id", "date"] {
                response.headers.remove(name);
            }
            responses.push((response.headers, response.body, calls));
        }
        assert!(responses.iter().all(|other| *other == responses[0]), "{responses:?}");
        assert_eq!(responses[0].2, ["BatchGetItem", "UpdateItem", "TransactWriteItems"]);
        join_all((0..4).map(|_| register(&desk, "Eve", "Stranger@Example.org"))).await.into_iter().for_each(
            |response| {
                response.expect(202);
            },
        );
        desk.wait_until_idle().await;
        let mails = || desk.stack.mails().all();
        let subjects = |email: &str| -> Vec<String> {
            let to_them = mails().into_iter().filter(|mail: &Mail| mail.to.eq_ignore_ascii_case(email));
            to_them.map(|mail| mail.subject).collect()
        };
        assert_eq!(subjects("stranger@example.org"), ["Finish your registration"]);
        assert_eq!(subjects(&ana.email), ["You have an account already"]);
        assert_eq!(subjects(&gone.email), [] as [&str; 0], "a deactivated account gets no mail");
        assert!(!desk.items(|item| sort_key_begins(item, "TOKEN#")).await.is_empty());
        let_the_hour_end(&desk).await;
        register(&desk, "Stranger", "stranger@example.org").await.expect(202);
        assert_eq!(desk.mailed_tokens("stranger@example.org", 2).await.len(), 2, "another hour, another mail");
    })
    .await;
}

#[tokio::test]
async fn only_one_of_all_links_to_an_address_creates_its_account() {
    let desk = Desk::with_instances(4).await.signing_in_over_http();
    for number in 1..=3 {
        register(&desk, "Ana", "ana@example.org").await.expect(202);
        desk.mailed_tokens("ana@example.org", number).await;
        let_the_hour_end(&desk).await;
    }
    let tokens = desk.tokens_mailed_to("ana@example.org");
    let attempts: Vec<(&String, String)> =
        tokens.iter().flat_map(|token| (0..3).map(move |number| (token, format!("{PASSWORD} {number}")))).collect();
    let responses = join_all(attempts.iter().map(|(token, password)| choose(&desk, token, password))).await;
    let created: Vec<usize> = (0..responses.len()).filter(|place| responses[*place].status == 204).collect();
    assert_eq!(created.len(), 1, "{responses:?}");
    for response in &responses {
        assert!(response.status == 204 || response.body["type"] == "/problems/invalid-token", "{}", response.body);
    }
    sign_in(&desk, "ana@example.org", &attempts[created[0]].1).await.expect(200);
    assert_eq!(desk.items(|item| partition_begins(item, "EMAIL#ana@")).await.len(), 1);
    for (token, _) in &attempts {
        choose(&desk, token, PASSWORD).await.expect_problem(401, "invalid-token");
    }
}

#[tokio::test]
async fn an_expired_link_creates_no_account() {
    let desk = Desk::open().await.signing_in_over_http();
    register(&desk, "Ana", "ana@example.org").await.expect(202);
    let token = desk.mailed_tokens("ana@example.org", 1).await.remove(0);
    desk.wait_until_idle().await;
    let is_token = |item: &_| partition_begins(item, "REGISTRATION#") && sort_key_begins(item, "TOKEN#");
    let expiry: i64 = desk.items(is_token).await[0]["expires_at"].as_n().unwrap().parse().unwrap();
    let day = edges::clock::now().unix_seconds() + 24 * 60 * 60;
    assert!((day - 60..=day).contains(&expiry), "valid for a day");
    desk.set(is_token, "expires_at", crate::support::table::number(edges::clock::now().unix_seconds() - 1)).await;
    choose(&desk, &token, PASSWORD).await.expect_problem(401, "invalid-token");
}

#[tokio::test]
async fn only_the_addresses_that_the_policy_admits_are_registered() {
    let closed = desk_for("invited", "").await;
    let before = closed.stored().await;
    let refused = register(&closed, "Ana", "ana@example.org").await.expect_problem(403, "registration-closed");
    assert!(refused.body["detail"].as_str().unwrap().contains("invitation"), "{}", refused.body);
    assert!(closed.items(|item| partition_begins(item, "ATTEMPTS#")).await.is_empty(), "nothing is counted");
    assert_unchanged(&before, &closed.stored().await, "a closed registration");

    let desk = desk_for("domains", "example.org,b.co").await;
    let refused = register(&desk, "Eve", "eve@mail.example.org").await.expect_problem(422, "validation-failed");
    assert_eq!(refused.pointers(), ["/email"]);
    assert_eq!(refused.body["errors"][0]["detail"], "must be an address of one of these domains: example.org, b.co");
    assert!(desk.items(|item| partition_begins(item, "REGISTRATION")).await.is_empty(), "nothing is stored");
    desk.sign_up("Ana", "ana@B.co", PASSWORD).await;
    sign_in(&desk, "ana@b.co", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn too_many_registrations_from_a_network_have_to_wait() {
    let desk = Desk::with(1, |mut options| {
        options.parameters.insert("RegistrationsPerNetwork".to_owned(), "10".to_owned());
        options
    });
    let desk = desk.await;
    // From the second one on, no mail is sent, which counts as well.
    for _ in 0..20 {
        let response = register(&desk, "Ana", "ana@example.org").await;
        if response.status == 429 {
            assert!(response.header("retry-after").is_some());
            response.expect_problem(429, "too-many-requests");
            return;
        }
    }
    panic!("twenty registrations in a row were taken");
}

/// Many networks together could have any number of strangers mailed.
#[tokio::test]
async fn registrations_cause_a_limited_number_of_mails_in_an_hour() {
    in_one_hour(async || {
        let (desk, wire) = Desk::with_wire(1, |options| {
            options.visibility_timeout = Some(Duration::from_secs(1));
            options.parameters.insert("RegistrationMailsPerHour".to_owned(), "2".to_owned());
        })
        .await;
        let (admin, ana, gone) = (desk.admin().await, desk.user("Ana").await, desk.user("Gone").await);
        admin.send(Method::DELETE, &format!("/v1/users/{}", gone.id), &[], Vec::new()).await.expect(204);
        // Neither a mail that SES does not take nor one that is not sent is counted.
        let refused = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&refused);
        wire.disturb(move |call| {
            let fails = call.service == Service::Ses && counted.fetch_add(1, Ordering::SeqCst) < 9;
            if fails { Fate::Throttle } else { Fate::Pass }
        });
        register(&desk, "Bea", "bea@example.net").await.expect(202);
        desk.mailed_tokens("bea@example.net", 1).await;
        register(&desk, "Gone", &gone.email).await.expect(202);
        let second = register(&desk, "Ana", &ana.email).await.expect(202);
        eventually("the owner of an account is mailed that there is one", async || {
            desk.stack.mails().all().iter().any(|mail| mail.to == ana.email).then_some(())
        })
        .await;
        let third = register(&desk, "Carl", "carl@example.net").await.expect(202);
        assert_eq!(third.body, second.body, "the answer reveals nothing");
        let reason = "registration not mailed: too many in this hour";
        eventually("it is logged", async || {
            desk.stack.printed_by("workers-accounts").iter().any(|line| line.contains(reason)).then_some(())
        })
        .await;
        desk.wait_until_idle().await;
        assert_eq!(desk.tokens_mailed_to("carl@example.net"), [] as [&str; 0]);
        let requests = desk.items(|item| partition_begins(item, "REGISTRATION#")).await;
        assert!(!format!("{requests:?}").contains("carl@"), "nothing waits for the next hour");

        for counter in desk.items(|item| partition_begins(item, "REGISTRATION_MAILS#")).await {
            desk.delete(&counter).await;
        }
        let_the_hour_end(&desk).await;
        register(&desk, "Carl", "carl@example.net").await.expect(202);
        desk.mailed_tokens("carl@example.net", 1).await;
    })
    .await;
}

/// SES cannot send mail to any of these, so their owners could never be notified.
#[tokio::test]
async fn an_address_that_cannot_be_mailed_is_refused() {
    let desk = Desk::open().await.signing_in_over_http();
    let (admin, ana) = (desk.admin().await, desk.user("Ana").await);
    let before = desk.stored().await;
    for email in ["\"a b1\"@b.co", "\"tab\t1\"@b.co", "\" 1\"@b.co", "ana@b_c.co"] {
        let refused = register(&desk, "Ana", email).await.expect_problem(422, "validation-failed");
        assert_eq!(refused.pointers(), ["/email"]);
        let path = format!("/v1/users/{}", ana.id);
        let refused = admin.send_json(Method::PATCH, &path, json!({"email": email})).await;
        assert_eq!(refused.expect_problem(422, "validation-failed").pointers(), ["/email"]);
    }
    assert_eq!(desk.stored().await, before);
    // An address of an old account can still be looked up.
    let found = admin.get("/v1/users?email=%22a%20b1%22%40b.co").await.expect(200);
    assert_eq!(found.items(), [] as [Value; 0]);
    desk.sign_up("Bea", "\"a@b,c\"@b.co", PASSWORD).await;
    sign_in(&desk, "\"a@b,c\"@b.co", PASSWORD).await.expect(200);
}

/// Addresses are often pasted, and the keyboards of phones add a space after a word.
#[tokio::test]
async fn whitespace_around_an_address_is_ignored_wherever_one_is_sent() {
    let desk = Desk::open().await.signing_in_over_http();
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let path = format!("/v1/users/{}", ana.id);
    let changed = admin.send_json(Method::PATCH, &path, json!({"email": "\u{a0}bea@example.org\u{200b}"})).await;
    assert_eq!(changed.expect(200).body["pending_email"], "bea@example.org");
    desk.change_email(&admin, &ana.id, "bea@example.org").await;
    sign_in(&desk, "bea@example.org ", PASSWORD).await.expect(200);

    desk.anyone().post("/v1/auth/password/forgot", json!({"email": "\tbea@example.org"})).await.expect(202);
    let token = format!(" {} ", desk.mailed_tokens("bea@example.org", 1).await[0]);
    choose(&desk, &token, "the colour of another horse").await.expect(204);
}

#[tokio::test]
async fn server_owned_fields_cannot_be_sent() {
    let desk = Desk::open().await.signing_in_over_http();
    let before = desk.stored().await;
    let body = json!({
        "name": "", "email": "nobody", "password": "short",
        "role": "admin", "id": "x", "active": true, "created_at": "2026-01-01T00:00:00.000Z"
    });
    let problem = desk.anyone().post("/v1/auth/register", body).await.expect_problem(422, "validation-failed");
    let pointers = ["/name", "/email", "/password", "/active", "/created_at", "/id", "/role"];
    assert_eq!(problem.pointers(), pointers, "all faults at once");
    assert!(problem.body["errors"][2]["detail"].as_str().unwrap().contains("mailed"), "{}", problem.body);
    assert_eq!(desk.stored().await, before);
}
