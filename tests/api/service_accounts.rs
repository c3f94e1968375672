//! Service accounts: what programs do with them, and what admins do with the accounts.

use http::Method;
use serde_json::{Value, json};

use crate::limits::in_one_hour;
use crate::support::table::{Item, number, partition_begins};
use crate::support::{Caller, Desk, Reaction, Receiver, Response, eventually};

/// Creates a service account with this role. Returns it with an API token with these scopes.
pub(crate) async fn program(desk: &Desk, admin: &Caller, role: &str, scopes: &[&str]) -> Caller {
    let created = admin.post("/v1/service-accounts", json!({"name": "Robot", "role": role})).await.expect(201);
    let account = &created.body;
    assert_eq!((&account["email"], &account["service"], &account["role"]), (&Value::Null, &json!(true), &json!(role)));
    let id = account["id"].as_str().unwrap().to_owned();
    assert_eq!(created.header("location"), Some(format!("/v1/users/{id}").as_str()));
    let account = Caller { id, name: "Robot".to_owned(), email: String::new(), ..desk.anyone() };
    account.with_token(issue(admin, &account.id, scopes).await.expect(201).body["token"].as_str().unwrap())
}

async fn issue(admin: &Caller, account: &str, scopes: &[&str]) -> Response {
    admin.post(&format!("/v1/users/{account}/tokens"), json!({"name": "Key", "scopes": scopes})).await
}

async fn patch(admin: &Caller, account: &Caller, body: Value) -> Response {
    admin.send_json(Method::PATCH, &format!("/v1/users/{}", account.id), body).await
}

async fn delete(admin: &Caller, path: &str) -> Response {
    admin.send(Method::DELETE, path, &[], Vec::new()).await
}

#[tokio::test]
async fn a_program_does_what_its_scopes_say() {
    let desk = Desk::open().await;
    let (admin, ana) = (desk.admin().await, desk.user("Ana").await);
    let receiver = Receiver::open();
    receiver.react(Reaction::Answer(204, ""));
    let registrar = program(&desk, &admin, "admin", &["manage_webhooks"]).await;
    registrar.post("/v1/webhooks", json!({"url": receiver.url, "events": ["resolved"]})).await.expect(201);
    registrar.get("/v1/tickets").await.expect_problem(403, "insufficient-scope");

    let scopes = ["open_tickets", "read_tickets", "work", "comment", "inbox"];
    let robot = program(&desk, &admin, "technician", &scopes).await;
    assert_eq!(robot.get("/v1/me").await.expect(200).body["id"], robot.id.as_str());
    // A service account cannot ask for mails: it has no address.
    robot.put("/v1/me/notification-preferences", json!({"email": {"opened": true}})).await.expect(200);
    let ticket = json!({"title": "Disk", "description": "Full.", "requester_id": ana.id, "priority": "urgent"});
    let opened = robot.post("/v1/tickets", ticket).await.expect(201).body;
    assert_eq!(opened["requester"]["name"], "Ana");
    assert_eq!(robot.all_pages("/v1/tickets", 100).await.len(), 1);
    let path = format!("/v1/tickets/{}", opened["number"]);
    admin.post(&format!("{path}/assign"), json!({"assignee_id": robot.id})).await.expect(200);
    ana.post(&format!("{path}/comments"), json!({"body": "Is it being cleaned?"})).await.expect(201);
    robot.post(&format!("{path}/notes"), json!({"body": "x"})).await.expect_problem(403, "insufficient-scope");
    let resolved = robot.post(&format!("{path}/resolve"), json!({"resolution": "Cleaned."})).await.expect(200).body;
    assert_eq!(resolved["assignee"]["name"], "Robot");
    let events = ana.all_pages(&format!("{path}/events"), 100).await;
    let actors: Vec<&str> = events.iter().map(|event| event["actor"]["name"].as_str().unwrap()).collect();
    assert_eq!(actors, ["Robot", "Admin", "Robot"]);
    let posted = eventually("the webhook gets it", async || receiver.received().into_iter().next()).await;
    assert_eq!(posted.json()["data"]["actor"]["name"], "Robot");

    let noticed = ("commented".to_owned(), opened["number"].as_u64().unwrap(), "assignee".to_owned());
    eventually("it is notified", async || desk.notifications_of(&robot).await.contains(&noticed).then_some(())).await;
    // A new urgent ticket is mailed to technicians.
    let urgent = json!({"title": "Fire", "description": "Smoke.", "priority": "urgent"});
    ana.post("/v1/tickets", urgent).await.expect(201);
    desk.wait_until_drained(&["EventsQueue", "EmailQueue"]).await;
    desk.wait_until_drained(&["EmailDeadLetters"]).await;
    assert!(desk.mails_to("").is_empty());
    desk.assert_no_process_died();
}

#[tokio::test]
async fn admins_rename_deactivate_and_reactivate_a_service_account() {
    let desk = Desk::open().await;
    let (admin, ana) = (desk.admin().await, desk.user("Ana").await);
    let robot = program(&desk, &admin, "technician", &["work", "read_tickets"]).await;
    let number = desk.ticket(&ana).await;
    robot.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    let refused = patch(&admin, &robot, json!({"name": "Mailer", "email": "robot@example.org"})).await;
    assert_eq!(refused.expect_problem(422, "validation-failed").pointers(), ["/email"]);
    assert_eq!(robot.get("/v1/me").await.expect(200).body["name"], "Robot", "nothing of it was done");
    patch(&admin, &robot, json!({"name": "Mailer"})).await.expect(200);
    assert_eq!(robot.get("/v1/me").await.expect(200).body["name"], "Mailer", "at once");

    let path = format!("/v1/users/{}", robot.id);
    delete(&admin, &path).await.expect(204);
    robot.get("/v1/me").await.expect_problem(401, "invalid-token");
    issue(&admin, &robot.id, &["work"]).await.expect_problem(409, "not-a-service-account");
    let status = async || ana.get(&format!("/v1/tickets/{number}")).await.expect(200).body["status"].clone();
    eventually("its ticket is released", async || (status().await == "open").then_some(())).await;
    let reactivated = patch(&admin, &robot, json!({"active": true})).await.expect(200).body;
    assert_eq!((&reactivated["active"], &reactivated["service"]), (&json!(true), &json!(true)));
    robot.get("/v1/me").await.expect_problem(401, "invalid-token");
    let again = issue(&admin, &robot.id, &["work"]).await.expect(201).body;
    robot.with_token(again["token"].as_str().unwrap()).get("/v1/me").await.expect(200);
    admin.put(&format!("{path}/role"), json!({"role": "user"})).await.expect(200);
    let listed = admin.all_pages("/v1/users?role=user", 1).await;
    assert!(listed.iter().any(|user| user["id"] == robot.id.as_str() && user["service"] == true), "{listed:?}");

    let token = format!("{path}/tokens/{}", again["id"].as_str().unwrap());
    delete(&admin, &token).await.expect(204);
    let mut audit = admin.all_pages(&format!("{path}/events"), 100).await;
    audit.reverse();
    let shown: Vec<(&str, &str)> =
        audit.iter().map(|entry| (entry["type"].as_str().unwrap(), entry["actor"]["name"].as_str().unwrap())).collect();
    let types = [
        "service_account_created",
        "token_created",
        "profile_changed",
        "deactivated",
        "reactivated",
        "token_created",
        "role_changed",
        "token_revoked",
    ];
    assert_eq!(shown, types.map(|name| (name, "Admin")));
}

#[tokio::test]
async fn tokens_are_issued_only_by_admins_who_are_signed_in() {
    let desk = Desk::open().await.signing_in_over_http();
    let (admin, ana) = (desk.admin().await, desk.user("Ana").await);
    let robot = program(&desk, &admin, "admin", &["administer"]).await;
    let other = program(&desk, &admin, "user", &["comment"]).await;
    issue(&admin, &ana.id, &["work"]).await.expect_problem(409, "not-a-service-account");
    issue(&admin, "019ab8e0-0000-7000-8000-000000000000", &["work"]).await.expect_problem(404, "not-found");
    issue(&robot, &robot.id, &["work"]).await.expect_problem(403, "insufficient-scope");
    for _ in 1..50 {
        issue(&admin, &robot.id, &["work"]).await.expect(201);
    }
    assert_eq!(issue(&admin, &robot.id, &["work"]).await.expect(422).pointers(), [""]);
    in_one_hour(async || {
        let busy = program(&desk, &admin, "user", &["comment"]).await;
        // As many as an account gets in an hour.
        let counter =
            |item: &Item| partition_begins(item, &format!("USER#{}", busy.id)) && item.contains_key("made_in_hour");
        desk.set(counter, "made_in_hour", number(120)).await;
        issue(&admin, &busy.id, &["work"]).await.expect_problem(429, "too-many-requests");
    })
    .await;
    // The access token outlives its session by minutes, and must not become a token for years.
    desk.anyone().post("/v1/auth/logout", json!({"refresh_token": admin.refresh_token})).await.expect(204);
    issue(&admin, &other.id, &["work"]).await.expect_problem(401, "invalid-token");
}
