use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::audit::AuditAction;
use http::Method;
use serde_json::{Value, json};

use crate::support::table::{Item, partition_begins};
use crate::support::{Caller, Desk, claims_of, unique};
use crate::tokens::program;

const PASSWORD: &str = "correct horse battery";
const NEW: &str = "the colour of another horse";

async fn patch(caller: &Caller, path: &str, body: Value) {
    caller.send_json(Method::PATCH, path, body).await.expect(200);
}

async fn delete(caller: &Caller, path: &str) {
    caller.send(Method::DELETE, path, &[], Vec::new()).await.expect(204);
}

fn session_of(caller: &Caller) -> Value {
    claims_of(caller.access_token.as_ref().unwrap())["sid"].clone()
}

/// Returns the type, the actor's name and the data of each entry about a person, oldest first.
async fn entries(admin: &Caller, id: &str) -> Vec<(String, String, Value)> {
    let listed = admin.all_pages(&format!("/v1/users/{id}/events"), 3).await;
    let shown = listed.into_iter().rev().map(|entry| {
        assert_eq!((&entry["subject"]["kind"], &entry["subject"]["id"]), (&json!("account"), &json!(id)));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&entry["type"]), text(&entry["actor"]["name"]), entry["data"].clone())
    });
    shown.collect()
}

/// Uses the refresh token of a device again, after it was replaced.
async fn reuse_refresh_token(desk: &Desk, device: &Caller) {
    let body = json!({"refresh_token": device.refresh_token});
    desk.anyone().post("/v1/auth/refresh", body.clone()).await.expect(200);
    desk.let_overlaps_end().await;
    desk.anyone().post("/v1/auth/refresh", body).await.expect_problem(401, "invalid-token");
}

/// Does everything to Ana's account that is in the audit, as herself and as the admin.
/// Returns what the audit has to show of Ana.
async fn do_everything(desk: &Desk, admin: &Caller, ana: &Caller) -> Vec<(&'static str, &'static str, Value)> {
    let own = format!("/v1/users/{}", ana.id);
    let mut expected =
        vec![("registered", "Ana", json!({})), ("signed_in", "Ana", json!({"session_id": session_of(ana)}))];
    let phone = desk.signed_in(ana.clone()).await;
    expected.push(("signed_in", "Ana", json!({"session_id": session_of(&phone)})));
    delete(ana, &format!("/v1/me/sessions/{}", session_of(&phone).as_str().unwrap())).await;
    expected.push(("session_ended", "Ana", json!({"session_id": session_of(&phone)})));
    let new = json!({"name": "Program", "scopes": ["inbox"]});
    let token = ana.post("/v1/me/tokens", new).await.expect(201).body["id"].clone();
    expected.push(("token_created", "Ana", json!({"token_id": token, "scopes": ["inbox"]})));
    delete(admin, &format!("{own}/tokens/{}", token.as_str().unwrap())).await;
    expected.push(("token_revoked", "Admin", json!({"token_id": token})));
    patch(ana, "/v1/me", json!({"name": "Ana Alves"})).await;
    expected.push(("profile_changed", "Ana", json!({"fields": ["name"]})));
    let body = json!({"current_password": PASSWORD, "new_password": NEW});
    ana.post("/v1/me/password", body).await.expect(204);
    expected.push(("password_changed", "Ana Alves", json!({})));
    reuse_refresh_token(desk, ana).await;
    expected.push(("refresh_token_reused", "Help desk", json!({"session_id": session_of(ana)})));
    desk.anyone().post("/v1/auth/password/forgot", json!({"email": ana.email})).await.expect(202);
    let token = desk.mailed_tokens(&ana.email, 1).await.remove(0);
    desk.anyone().post("/v1/auth/password/reset", json!({"token": token, "password": PASSWORD})).await.expect(204);
    expected.push(("password_reset", "Ana Alves", json!({})));
    patch(admin, &own, json!({"email": format!("ana-{}@example.net", unique())})).await;
    expected.push(("email_change_requested", "Admin", json!({})));
    patch(admin, &own, json!({"email": ana.email})).await;
    expected.push(("email_change_cancelled", "Admin", json!({})));
    desk.change_email(admin, &ana.id, &format!("ana-{}@example.net", unique())).await;
    expected.push(("email_change_requested", "Admin", json!({})));
    expected.push(("profile_changed", "Ana Alves", json!({"fields": ["email"]})));
    admin.put(&format!("{own}/role"), json!({"role": "technician"})).await.expect(200);
    expected.push(("role_changed", "Admin", json!({"from": "user", "to": "technician"})));
    delete(admin, &own).await;
    expected.push(("deactivated", "Admin", json!({})));
    patch(admin, &own, json!({"active": true})).await;
    expected.push(("reactivated", "Admin", json!({})));
    expected
}

/// Invites a person, withdraws that, and invites them again, who accepts.
async fn invite(desk: &Desk, admin: &Caller) {
    let new = json!({"name": "Noah", "email": "noah@example.net", "role": "user"});
    let user = admin.post("/v1/users", new).await.expect(201).body;
    let path = format!("/v1/users/{}", user["id"].as_str().unwrap());
    desk.mailed_tokens("noah@example.net", 1).await;
    delete(admin, &path).await;
    admin.post_empty(&format!("{path}/invitation")).await.expect(202);
    let token = desk.mailed_tokens("noah@example.net", 2).await.remove(1);
    desk.anyone().post("/v1/auth/password/reset", json!({"token": token, "password": PASSWORD})).await.expect(204);
    let role = json!({"role": "user"});
    let shown = entries(admin, user["id"].as_str().unwrap()).await;
    let shown: Vec<(&str, &str, &Value)> =
        shown.iter().map(|(name, actor, data)| (name.as_str(), actor.as_str(), data)).collect();
    let none = json!({});
    let expected = [
        ("invited", "Admin", &role),
        ("invitation_withdrawn", "Admin", &none),
        ("invited", "Admin", &role),
        ("invitation_accepted", "Noah", &none),
    ];
    assert_eq!(shown, expected);
}

/// Creates, changes and deletes a webhook. Returns its id.
async fn manage_webhook(admin: &Caller) -> Value {
    let url = "https://example.org/hook?key=secret";
    let created = admin.post("/v1/webhooks", json!({ "url": url })).await.expect(201).body;
    let path = format!("/v1/webhooks/{}", created["id"].as_str().unwrap());
    patch(admin, &path, json!({"enabled": false, "events": ["closed"]})).await;
    admin.post_empty(&format!("{path}/rotate-secret")).await.expect(200);
    delete(admin, &path).await;
    created["id"].clone()
}

#[tokio::test]
async fn admins_read_who_did_what_to_accounts_and_webhooks() {
    let desk = Desk::open().await.signing_in_over_http();
    let (admin, ana) = (desk.admin().await, desk.user("Ana").await);
    let expected = do_everything(&desk, &admin, &ana).await;
    let shown = entries(&admin, &ana.id).await;
    let shown: Vec<(&str, &str, Value)> =
        shown.iter().map(|(name, actor, data)| (name.as_str(), actor.as_str(), data.clone())).collect();
    assert_eq!(shown, expected);

    invite(&desk, &admin).await;
    admin.post("/v1/service-accounts", json!({"name": "Robot", "role": "user"})).await.expect(201);
    // What a program does is in the audit with its token.
    let (program, token) = program(&admin, &["administer", "manage_webhooks"]).await;
    let webhook = manage_webhook(&program).await;
    program.put(&format!("/v1/users/{}/role", ana.id), json!({"role": "user"})).await.expect(200);
    let all = admin.all_pages("/v1/audit", 100).await;
    for limit in [1, 7] {
        assert_eq!(admin.all_pages("/v1/audit", limit).await, all, "in pages of {limit}");
    }
    assert!(all.is_sorted_by(|newer, older| newer["id"].as_str() > older["id"].as_str()));
    let of_webhook: Vec<&Value> = all.iter().filter(|entry| entry["subject"]["id"] == webhook).collect();
    let types: Vec<&Value> = of_webhook.iter().map(|entry| &entry["type"]).collect();
    assert_eq!(types, ["webhook_deleted", "webhook_secret_rotated", "webhook_updated", "webhook_created"]);
    assert_eq!(of_webhook[2]["data"], json!({"fields": ["events", "enabled"]}));
    let by_program: Vec<&Value> = all.iter().filter(|entry| !entry["token_id"].is_null()).collect();
    assert_eq!(by_program.len(), 5);
    assert_eq!((&by_program[0]["type"], &by_program[1..]), (&json!("role_changed"), &of_webhook[..]));
    assert!(by_program.iter().all(|entry| entry["token_id"] == token && entry["actor"]["name"] == "Admin"));
    let types: BTreeSet<&str> = all.iter().filter_map(|entry| entry["type"].as_str()).collect();
    assert_eq!(types, BTreeSet::from(AuditAction::NAMES), "each action is in the audit");
    let text = json!(all).to_string();
    for hidden in ["example.", "127.0.0.1", "hash", "whsec_", "key=secret", "$argon2"] {
        assert!(!text.contains(hidden), "the audit shows {hidden}");
    }
}

#[tokio::test]
async fn only_admins_read_the_audit_and_only_of_accounts_that_exist() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let own = format!("/v1/users/{}/events", ana.id);
    for path in ["/v1/audit", own.as_str()] {
        ana.get(path).await.expect_problem(403, "forbidden");
        tina.get(path).await.expect_problem(403, "forbidden");
        desk.anyone().get(path).await.expect_problem(401, "unauthenticated");
        admin.get(&format!("{path}?type=signed_in")).await.expect_problem(400, "bad-request");
        let cursor = admin.get(&format!("{path}?limit=1")).await.expect(200).body["next_cursor"].clone();
        let elsewhere = format!("/v1/users/{}/events?cursor={}", tina.id, cursor.as_str().unwrap());
        admin.get(&elsewhere).await.expect_problem(400, "invalid-cursor");
    }
    for missing in ["019ab8e0-0000-7000-8000-000000000000", "nobody"] {
        admin.get(&format!("/v1/users/{missing}/events")).await.expect_problem(404, "not-found");
    }
}

#[tokio::test]
async fn an_entry_of_a_newer_version_is_shown_as_it_is() {
    let desk = Desk::open().await;
    let (admin, ana) = (desk.admin().await, desk.user("Ana").await);
    let of_ana = format!("USER#{}", ana.id);
    let is_registration = |item: &Item| {
        partition_begins(item, &of_ana) && item.get("type") == Some(&AttributeValue::S("registered".to_owned()))
    };
    let data = AttributeValue::M([("channel".to_owned(), AttributeValue::S("chat".to_owned()))].into());
    desk.set(is_registration, "data", data).await;
    desk.set(is_registration, "type", AttributeValue::S("invited_by_chat".to_owned())).await;
    for path in ["/v1/audit".to_owned(), format!("/v1/users/{}/events", ana.id)] {
        let listed = admin.all_pages(&path, 100).await;
        let newer = listed.iter().find(|entry| entry["type"] == "invited_by_chat").unwrap();
        assert_eq!((&newer["data"], &newer["subject"]["name"]), (&json!({"channel": "chat"}), &json!("Ana")));
    }
}
