//! API tokens: what a program can do with one, and when it ends.

use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};
use support::wire::{Exchange, Fate, Service};

use crate::support::table::{Item, number, partition_begins, sort_key_begins, text};
use crate::support::{Caller, Desk, Response, assert_unchanged, eventually};

/// The header of every response that refuses a token (RFC 6750 §3.1).
const CHALLENGE: &str = r#"Bearer realm="helpdesk", error="invalid_token""#;

/// Makes an API token with these scopes. Returns its owner with it, and its id.
pub(crate) async fn program(owner: &Caller, scopes: &[&str]) -> (Caller, String) {
    let made = owner.post("/v1/me/tokens", json!({"name": "Program", "scopes": scopes})).await.expect(201).body;
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (owner.with_token(text("token")), text("id"))
}

async fn delete(caller: &Caller, path: &str) -> Response {
    caller.send(Method::DELETE, path, &[], Vec::new()).await
}

async fn assert_refused(program: &Caller) {
    let response = program.get("/v1/me").await.expect_problem(401, "invalid-token");
    assert_eq!(response.header("www-authenticate"), Some(CHALLENGE));
}

/// Returns the calls that a request to this function makes to the table.
pub(crate) async fn calls_of(desk: &Desk, function: &str, request: impl AsyncFnOnce()) -> Vec<String> {
    desk.wire().record();
    request().await;
    let of_it = |exchange: &Exchange| exchange.call.function == function && exchange.call.service == Service::DynamoDb;
    desk.wire().recorded().into_iter().filter(of_it).map(|exchange| exchange.call.operation).collect()
}

#[tokio::test]
async fn a_token_is_shown_once_and_listed_without_its_secret() {
    let desk = Desk::open().await;
    let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
    let body = json!({"name": "Nightly", "scopes": ["work", "inbox"], "expires_at": "2099-01-01T02:00:00.5+02:00"});
    let response = ana.post("/v1/me/tokens", body).await.expect(201);
    assert_eq!(response.header("location"), None);
    let mut made = response.body;
    let token = made.as_object_mut().unwrap().remove("token").unwrap();
    let token = token.as_str().unwrap();
    assert!(token.starts_with("hd_") && token.len() == 94, "{token}");
    assert_eq!(made["name"], "Nightly");
    assert_eq!(made["scopes"], json!(["work", "inbox"]));
    assert_eq!((&made["expires_at"], &made["last_used_on"]), (&json!("2099-01-01T00:00:00.000Z"), &Value::Null));
    let (_, second) = program(&ana, &["comment"]).await;

    for limit in [1, 100] {
        let listed = ana.all_pages("/v1/me/tokens", limit).await;
        assert_eq!((&listed[0], listed[1]["id"].as_str()), (&made, Some(second.as_str())), "oldest first");
        assert_eq!(listed.len(), 2);
        assert!(!json!(listed).to_string().contains("hash"));
    }
    assert!(bea.all_pages("/v1/me/tokens", 100).await.is_empty());
    let secret = &token[48..];
    let items = desk.items(|item| partition_begins(item, "USER#")).await;
    assert!(!items.iter().any(|item| format!("{item:?}").contains(secret)), "it is stored hashed");
}

#[tokio::test]
async fn a_program_acts_as_its_person_within_its_scopes() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let (program_of_ana, _) = program(&ana, &["open_tickets", "comment"]).await;
    let opened =
        program_of_ana.post("/v1/tickets", json!({"title": "Printer", "description": "Jams."})).await.expect(201).body;
    assert_eq!(opened["requester"]["name"], "Ana");
    assert_eq!(opened["allowed_actions"], json!(["comment"]), "only what the token may be used for");
    let path = format!("/v1/tickets/{}", opened["number"]);
    program_of_ana.get(&path).await.expect_problem(403, "insufficient-scope");
    program_of_ana.get("/v1/tickets").await.expect_problem(403, "insufficient-scope");

    let (worker, _) = program(&tina, &["work"]).await;
    worker.post_empty(&format!("{path}/assign")).await.expect(200);
    worker.post(&format!("{path}/resolve"), json!({"resolution": "Done."})).await.expect(200);
    let refused = worker.post(&format!("{path}/comments"), json!({"body": "Hello."})).await;
    let refused = refused.expect_problem(403, "insufficient-scope");
    assert_eq!(refused.body["detail"], "The API token needs the scope `comment`. Use a token that has it.");
    let challenge = r#"Bearer realm="helpdesk", error="insufficient_scope", scope="comment""#;
    assert_eq!(refused.header("www-authenticate"), Some(challenge));
    // The scope for comments alone reopens the ticket, as a comment of its requester does.
    program_of_ana.post(&format!("{path}/comments"), json!({"body": "It jams again."})).await.expect(201);
    let events = ana.all_pages(&format!("{path}/events"), 100).await;
    let named: Vec<_> = events.iter().map(|event| (&event["type"], &event["actor"]["name"])).collect();
    let expected = [("opened", "Ana"), ("assigned", "Tina"), ("resolved", "Tina"), ("reopened", "Ana")];
    let expected = expected.map(|(kind, name)| (json!(kind), json!(name)));
    assert_eq!(named, expected.iter().map(|(kind, name)| (kind, name)).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_timeline_shows_notes_only_to_a_token_with_their_scope() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let path = format!("/v1/tickets/{}", desk.ticket(&ana).await);
    tina.post(&format!("{path}/notes"), json!({"body": "Between us."})).await.expect(201);
    for (scopes, count) in [(&["read_tickets"][..], 1), (&["read_tickets", "notes"], 2)] {
        let (reader, _) = program(&tina, scopes).await;
        let items = reader.all_pages(&format!("{path}/timeline"), 100).await;
        assert_eq!(items.len(), count, "{scopes:?}: {items:?}");
        // A scope does not widen what the person may do.
        let (requesters, _) = program(&ana, scopes).await;
        assert_eq!(requesters.all_pages(&format!("{path}/timeline"), 100).await.len(), 1, "{scopes:?}");
    }
}

#[tokio::test]
async fn no_token_makes_tokens_or_touches_what_its_person_signs_in_with() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let every = [
        "read_tickets",
        "open_tickets",
        "comment",
        "work",
        "notes",
        "inbox",
        "read_users",
        "administer",
        "manage_webhooks",
        "read_audit",
    ];
    let (program, id) = program(&admin, &every).await;
    let session = admin.get("/v1/me/sessions").await.expect(200).items()[0]["id"].as_str().unwrap().to_owned();
    let before = desk.stored().await;
    for response in [
        program.post("/v1/me/tokens", json!({"name": "Another", "scopes": ["work"]})).await,
        program.get("/v1/me/tokens").await,
        delete(&program, &format!("/v1/me/tokens/{id}")).await,
        program.get("/v1/me/sessions").await,
        delete(&program, &format!("/v1/me/sessions/{session}")).await,
        program.send_json(Method::PATCH, "/v1/me", json!({"name": "Eve"})).await,
        program.get(&format!("/v1/users/{}/tokens", admin.id)).await,
        delete(&program, &format!("/v1/users/{}/tokens/{id}", admin.id)).await,
        program.send_json(Method::PATCH, &format!("/v1/users/{}", admin.id), json!({"name": "Eve"})).await,
        program.post("/v1/me/password", json!({"current_password": "x", "new_password": "y"})).await,
    ] {
        let response = response.expect_problem(403, "insufficient-scope");
        let detail = "No API token may be used for this. Sign in, and use the access token.";
        assert_eq!(response.body["detail"], detail);
        let challenge = r#"Bearer realm="helpdesk", error="insufficient_scope""#;
        assert_eq!(response.header("www-authenticate"), Some(challenge));
    }
    assert_unchanged(&before, &desk.stored().await, "a request with a token");
}

#[tokio::test]
async fn a_malformed_token_is_refused_without_reading_the_table() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let (valid, _) = program(&ana, &["inbox"]).await;
    let token = valid.access_token.clone().unwrap();
    valid.get("/v1/me").await.expect(200);
    let mut malformed: Vec<String> = (0..token.len())
        .step_by(2)
        .map(|place| {
            let mut changed: Vec<char> = token.chars().collect();
            changed[place] = if changed[place] == 'A' { 'B' } else { 'A' };
            changed.into_iter().collect()
        })
        .collect();
    malformed.extend((3..token.len()).step_by(7).map(|end| token[..end].to_owned()));
    malformed.extend([format!("{token}A"), format!("{token}="), token.to_uppercase(), token.replacen('_', "-", 1)]);
    assert!(malformed.len() > 60, "{}", malformed.len());
    let calls = calls_of(&desk, "me-get", async || {
        for text in &malformed {
            assert_refused(&ana.with_token(text)).await;
        }
    });
    assert_eq!(calls.await, Vec::<String>::new());
}

#[tokio::test]
async fn a_token_costs_one_call_more_and_records_its_use_once_a_day() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let (program, _) = program(&ana, &["inbox"]).await;
    let own = async |caller: &Caller| {
        calls_of(&desk, "me-get", async || {
            caller.get("/v1/me").await.expect(200);
        })
        .await
    };
    assert_eq!(own(&ana).await, ["GetItem"], "an access token is not looked up");
    assert_eq!(own(&program).await, ["BatchGetItem", "UpdateItem", "GetItem"], "the first use of the day");
    assert_eq!(own(&program).await, ["BatchGetItem", "GetItem"]);
    let used_on = async || ana.get("/v1/me/tokens").await.expect(200).items()[0]["last_used_on"].clone();
    let today = edges::clock::now().to_string()[..10].to_owned();
    assert_eq!(used_on().await, today);
    let of_use = |item: &Item| partition_begins(item, "TOKEN_USE#");
    desk.set(of_use, "day", text("2026-01-01")).await;
    assert_eq!(used_on().await, "2026-01-01");
    // The record is slow. It is not waited for, and not tried again for the same request.
    desk.wire().disturb(|call| match call.operation.as_str() {
        "UpdateItem" => Fate::Hold(Duration::from_mins(1)),
        _ => Fate::Pass,
    });
    assert_eq!(own(&program).await, ["BatchGetItem", "UpdateItem", "GetItem"], "the first use of another day");
    desk.wire().calm();
    assert_eq!(used_on().await, today);
}

#[tokio::test]
async fn a_token_ends_when_it_is_revoked_by_its_owner_or_an_admin() {
    let desk = Desk::open().await;
    let (admin, ana, bea) = (desk.admin().await, desk.user("Ana").await, desk.user("Bea").await);
    let ((first, own), (second, others)) = (program(&ana, &["inbox"]).await, program(&ana, &["inbox"]).await);
    delete(&bea, &format!("/v1/me/tokens/{own}")).await.expect_problem(404, "not-found");
    delete(&ana, "/v1/me/tokens/nonsense").await.expect_problem(404, "not-found");
    delete(&ana, &format!("/v1/me/tokens/{own}")).await.expect(204);
    assert_refused(&first).await;
    delete(&ana, &format!("/v1/me/tokens/{own}")).await.expect_problem(404, "not-found");

    let path = format!("/v1/users/{}/tokens", ana.id);
    ana.get(&path).await.expect_problem(403, "forbidden");
    let listed = admin.get(&path).await.expect(200);
    assert_eq!(listed.items().len(), 1);
    assert_eq!(listed.items()[0]["id"], others);
    delete(&admin, &format!("/v1/users/{}/tokens/{others}", bea.id)).await.expect_problem(404, "not-found");
    second.get("/v1/me").await.expect(200);
    // An admin's program may, with the scope.
    let (janitor, id_of_janitor) = program(&admin, &["administer"]).await;
    assert_eq!(janitor.get(&path).await.expect(200).items().len(), 1);
    delete(&janitor, &format!("{path}/{others}")).await.expect(204);
    assert_refused(&second).await;
    assert!(admin.get(&path).await.expect(200).items().is_empty());
    // Both are in the audit of Ana's account, each with its actor, and the program by its token.
    let newest = &admin.get(&format!("/v1/users/{}/events?limit=1", ana.id)).await.expect(200).body["items"][0];
    assert_eq!((&newest["type"], &newest["token_id"]), (&json!("token_revoked"), &json!(id_of_janitor)));
    let of_ana = format!("USER#{}", ana.id);
    let entries = desk.items(|item| partition_begins(item, &of_ana) && sort_key_begins(item, "AUDIT#")).await;
    let actor = |item: &Item| item["actor"].as_m().unwrap()["name"].as_s().unwrap().clone();
    let kind = |item: &Item| item["type"].as_s().unwrap().clone();
    let mut recorded: Vec<(String, String)> = entries.iter().map(|item| (kind(item), actor(item))).collect();
    recorded.retain(|(kind, _)| kind.starts_with("token_"));
    recorded.sort_unstable();
    let expected =
        [("token_created", "Ana"), ("token_created", "Ana"), ("token_revoked", "Admin"), ("token_revoked", "Ana")];
    assert_eq!(recorded, expected.map(|(kind, actor)| (kind.to_owned(), actor.to_owned())));
}

#[tokio::test]
async fn an_expired_token_is_neither_accepted_nor_listed() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    for at in ["2020-01-01T00:00:00.000Z", "2026-01-01", "soon"] {
        let body = json!({"name": "Program", "scopes": ["inbox"], "expires_at": at});
        let refused = ana.post("/v1/me/tokens", body).await.expect_problem(422, "validation-failed");
        assert_eq!(refused.pointers(), ["/expires_at"], "{at}");
    }
    let (program, _) = program(&ana, &["inbox"]).await;
    let of_token = |item: &Item| sort_key_begins(item, "TOKEN#");
    let now = edges::clock::now().unix_seconds();
    desk.set(of_token, "expires_at", number(now + 3_600)).await;
    program.get("/v1/me").await.expect(200);
    assert_eq!(ana.get("/v1/me/tokens").await.expect(200).items().len(), 1);
    desk.set(of_token, "expires_at", number(now)).await;
    assert_refused(&program).await;
    assert!(ana.get("/v1/me/tokens").await.expect(200).items().is_empty(), "DynamoDB removes it days later");
}

#[tokio::test]
async fn a_new_password_or_role_keeps_a_token_and_a_deactivated_account_ends_it_for_good() {
    let desk = Desk::open().await.signing_in_over_http();
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let (program, _) = program(&ana, &["read_users", "inbox"]).await;
    program.get("/v1/users?role=technician").await.expect_problem(403, "forbidden");
    let account = format!("/v1/users/{}", ana.id);
    admin.put(&format!("{account}/role"), json!({"role": "technician"})).await.expect(200);
    program.get("/v1/users?role=technician").await.expect(200);
    let ana = desk.signed_in(ana).await;
    let passwords = json!({"current_password": "correct horse battery", "new_password": "another horse battery"});
    ana.post("/v1/me/password", passwords).await.expect(204);
    program.get("/v1/me").await.expect(200);

    // The worker that removes the tokens of a deactivated account has not come to it yet.
    desk.stack.instances().unwrap().hold("workers-accounts").await.unwrap();
    delete(&admin, &account).await.expect(204);
    assert_refused(&program).await;
    admin.send_json(Method::PATCH, &account, json!({"active": true})).await.expect(200);
    assert_refused(&program).await;
    desk.stack.instances().unwrap().resume("workers-accounts").await.unwrap();

    let bea = desk.user("Bea").await;
    let (of_bea, _) = self::program(&bea, &["inbox"]).await;
    delete(&admin, &format!("/v1/users/{}", bea.id)).await.expect(204);
    assert_refused(&of_bea).await;
    let partition = format!("USER#{}", bea.id);
    eventually("the worker removes the tokens", async || {
        let left = |item: &Item| partition_begins(item, &partition) && sort_key_begins(item, "TOKEN#");
        desk.items(left).await.is_empty().then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_access_token_whose_session_has_ended_makes_no_token() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    let new = json!({"name": "Program", "scopes": ["inbox"]});
    desk.anyone().post("/v1/auth/logout", json!({"refresh_token": ana.refresh_token})).await.expect(204);
    ana.get("/v1/me").await.expect(200);
    ana.post("/v1/me/tokens", new.clone()).await.expect_problem(401, "invalid-token");
    // A session from before the account's present password.
    let ana = desk.signed_in(ana).await;
    let of_credential = |item: &Item| sort_key_begins(item, "CREDENTIAL");
    desk.set(of_credential, "version", number(7)).await;
    ana.post("/v1/me/tokens", new.clone()).await.expect_problem(401, "invalid-token");
    let ana = desk.signed_in(ana).await;
    ana.post("/v1/me/tokens", new.clone()).await.expect(201);
    let admin = desk.admin().await;
    delete(&admin, &format!("/v1/users/{}", ana.id)).await.expect(204);
    ana.post("/v1/me/tokens", new).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn concurrent_creations_never_exceed_the_limit_of_tokens() {
    let desk = Desk::with_instances(8).await;
    let ana = desk.user("Ana").await;
    for _ in 0..44 {
        program(&ana, &["inbox"]).await;
    }
    let new = || ana.post("/v1/me/tokens", json!({"name": "Program", "scopes": ["inbox"]}));
    let responses = join_all((0..64).map(|_| new())).await;
    let made = responses.iter().filter(|response| response.status == 201).count();
    assert_eq!(made, 6);
    for response in responses.into_iter().filter(|response| response.status != 201) {
        let problem = response.expect_problem(422, "validation-failed");
        assert!(problem.body["errors"][0]["detail"].as_str().unwrap().contains("50"), "{}", problem.body);
    }
    let tokens = ana.all_pages("/v1/me/tokens", 100).await;
    assert_eq!(tokens.len(), 50);
    new().await.expect_problem(422, "validation-failed");
    delete(&ana, &format!("/v1/me/tokens/{}", tokens[7]["id"].as_str().unwrap())).await.expect(204);
    new().await.expect(201);
}
