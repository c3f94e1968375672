//! Service accounts that act for people: what they may do, and how both are named.

use http::Method;
use serde_json::{Value, json};

use crate::service_accounts::program;
use crate::support::{Caller, Desk, Response, eventually};
use crate::tokens::calls_of;

const HEADER: &str = "helpdesk-on-behalf-of";
const JSON: (&str, &str) = ("content-type", "application/json");

async fn post_for(program: &Caller, person: &str, path: &str, body: Value) -> Response {
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    program.send(Method::POST, path, &[JSON, (HEADER, person)], body).await
}

async fn get_for(program: &Caller, person: &str, path: &str) -> Response {
    program.send(Method::GET, path, &[(HEADER, person)], Vec::new()).await
}

fn ticket() -> Value {
    json!({"title": "The printer jams", "description": "Every second page."})
}

/// Returns the names of the actor or author and of the service account.
fn named<'a>(entry: &'a Value, who: &str) -> (&'a Value, &'a Value) {
    (&entry[who]["name"], &entry["via"]["name"])
}

#[tokio::test]
async fn the_log_names_the_person_and_the_program() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (rita, tina) = (desk.user("Rita").await, desk.technician(&admin, "Tina").await);
    let scopes = ["act_for", "open_tickets", "read_tickets", "comment", "notes", "work", "inbox"];
    let gateway = program(&desk, &admin, "technician", &scopes).await;
    let opened = post_for(&gateway, &rita.id, "/v1/tickets", ticket()).await.expect(201).body;
    assert_eq!(opened["requester"]["name"], "Rita");
    let path = format!("/v1/tickets/{}", opened["number"]);
    post_for(&gateway, &tina.id, &format!("{path}/assign"), Value::Null).await.expect(200);
    let note = post_for(&gateway, &tina.id, &format!("{path}/notes"), json!({"body": "Old."})).await.expect(201).body;
    assert_eq!(named(&note, "author"), (&json!("Tina"), &json!("Robot")));
    tina.post(&format!("{path}/resolve"), json!({"resolution": "Replaced."})).await.expect(200);
    // The comment of a requester reopens the ticket, also by mail.
    let said = post_for(&gateway, &rita.id, &format!("{path}/comments"), json!({"body": "No."})).await.expect(201);
    assert_eq!(named(&said.body, "author"), (&json!("Rita"), &json!("Robot")));

    let events = rita.all_pages(&format!("{path}/events"), 100).await;
    let shown: Vec<_> = events.iter().map(|event| (&event["type"], named(event, "actor"))).collect();
    let (requester, technician, robot, nobody) = (json!("Rita"), json!("Tina"), json!("Robot"), Value::Null);
    let kinds = ["opened", "assigned", "resolved", "reopened"].map(Value::from);
    let expected = [(&requester, &robot), (&technician, &robot), (&technician, &nobody), (&requester, &robot)];
    assert_eq!(shown, kinds.iter().zip(expected).collect::<Vec<_>>());
    let timeline = tina.all_pages(&format!("{path}/timeline"), 100).await;
    let by_robot = timeline.iter().filter(|item| item["via"]["id"] == gateway.id.as_str()).count();
    assert_eq!((timeline.len(), by_robot), (6, 5));
    let verified = rita.get(&format!("{path}/verify")).await.expect(200).body;
    assert_eq!((&verified["intact"], &verified["entries"]), (&json!(true), &json!(5)));
    // The actor is not notified; the others are, as usual.
    let kinds_of = async |person: &Caller| {
        let mut kinds: Vec<_> = desk.notifications_of(person).await.into_iter().map(|(kind, _, _)| kind).collect();
        kinds.sort();
        kinds
    };
    eventually("Tina is notified of the last event", async || {
        (kinds_of(&tina).await == ["commented", "reopened"]).then_some(())
    })
    .await;
    assert_eq!(kinds_of(&rita).await, ["assigned", "resolved"]);
    assert_eq!(kinds_of(&gateway).await, [""; 0]);
    let line = desk.stack.printed_by("comments-create").into_iter().find(|line| line.contains("answered")).unwrap();
    assert!(line.contains(&format!(r#""actor_id":"{}""#, rita.id)), "{line}");
    assert!(line.contains(&format!(r#""via_id":"{}""#, gateway.id)), "{line}");
}

#[tokio::test]
async fn a_program_may_do_only_what_both_may() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (rita, tina) = (desk.user("Rita").await, desk.technician(&admin, "Tina").await);
    let scopes = ["act_for", "open_tickets", "read_tickets", "comment", "notes", "work"];
    let [mailer, worker] =
        [program(&desk, &admin, "user", &scopes).await, program(&desk, &admin, "technician", &scopes).await];
    let path = format!("/v1/tickets/{}", desk.ticket(&rita).await);
    let own = format!("/v1/tickets/{}", desk.ticket(&tina).await);
    // As a user, Tina sees her own tickets only. Rita is a user, whatever the program is.
    for (service, person, ticket, status) in [
        (&mailer, &rita, &path, 200),
        (&mailer, &rita, &own, 404),
        (&mailer, &tina, &path, 404),
        (&mailer, &tina, &own, 200),
        (&worker, &rita, &path, 200),
        (&worker, &rita, &own, 404),
        (&worker, &tina, &path, 200),
        (&worker, &tina, &own, 200),
    ] {
        get_for(service, &person.id, ticket).await.expect(status);
        let notes = if status == 200 && (&service.id, &person.id) != (&worker.id, &tina.id) { 403 } else { status };
        get_for(service, &person.id, &format!("{ticket}/notes")).await.expect(notes);
    }
    // The person is read with the token, in one call.
    let calls = calls_of(&desk, "tickets-get", async || {
        get_for(&worker, &rita.id, &path).await.expect(200);
    });
    assert_eq!(calls.await, ["BatchGetItem", "BatchGetItem"], "the token and all accounts, then the ticket");
    assert_eq!(get_for(&mailer, &tina.id, "/v1/tickets").await.expect(200).items().len(), 1);
    assert_eq!(get_for(&worker, &tina.id, "/v1/tickets").await.expect(200).items().len(), 2);
    assert_eq!(get_for(&worker, &rita.id, "/v1/tickets").await.expect(200).items().len(), 1);
    let first = get_for(&worker, &tina.id, "/v1/tickets?limit=1").await.expect(200).body["next_cursor"].clone();
    let second = format!("/v1/tickets?limit=1&cursor={}", first.as_str().unwrap());
    tina.get(&second).await.expect_problem(400, "invalid-cursor");
    worker.get(&second).await.expect_problem(400, "invalid-cursor");
    get_for(&worker, &tina.id, &second).await.expect(200);
    let refused = post_for(&mailer, &tina.id, &format!("{own}/assign"), Value::Null).await;
    let refused = refused.expect_problem(403, "forbidden");
    let detail = "The person may do this, but the role of the service account that acts for them does not permit it.";
    assert_eq!(refused.body["detail"], detail);
    let mut for_another = ticket();
    for_another["requester_id"] = json!(rita.id);
    let refused = post_for(&mailer, &tina.id, "/v1/tickets", for_another.clone()).await;
    assert_eq!(refused.expect_problem(403, "forbidden").body["detail"], detail);
    post_for(&worker, &tina.id, "/v1/tickets", for_another).await.expect(201);
}

#[tokio::test]
async fn only_service_accounts_with_the_scope_act_and_only_for_active_people() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (rita, gone) = (desk.user("Rita").await, desk.user("Gone").await);
    let gateway = program(&desk, &admin, "admin", &["act_for", "open_tickets"]).await;
    let without = program(&desk, &admin, "admin", &["open_tickets"]).await;
    admin.send(Method::DELETE, &format!("/v1/users/{}", gone.id), &[], Vec::new()).await.expect(204);
    let of_admin = json!({"name": "Mine", "scopes": ["act_for", "open_tickets"]});
    let token = admin.post("/v1/me/tokens", of_admin).await.expect(201).body["token"].as_str().unwrap().to_owned();
    let before = desk.stored().await;
    post_for(&without, &rita.id, "/v1/tickets", ticket()).await.expect_problem(403, "insufficient-scope");
    for caller in [&admin, &admin.with_token(token)] {
        post_for(caller, &rita.id, "/v1/tickets", ticket()).await.expect_problem(403, "forbidden");
    }
    let unknown = "019ab8e0-0000-7000-8000-000000000000";
    for person in [unknown, &gone.id, &without.id, &gateway.id] {
        post_for(&gateway, person, "/v1/tickets", ticket()).await.expect_problem(403, "forbidden");
    }
    get_for(&gateway, &rita.id, "/v1/tickets").await.expect_problem(403, "insufficient-scope");
    let refused = desk.stack.printed_by("tickets-create");
    let by_admin = [("actor_id", &rita.id), ("via_id", &admin.id)].map(|(name, id)| format!(r#""{name}":"{id}""#));
    assert!(refused.iter().any(|line| by_admin.iter().all(|field| line.contains(field))), "{refused:?}");
    for malformed in ["rita", "", &format!("{}, {}", rita.id, rita.id)] {
        post_for(&gateway, malformed, "/v1/tickets", ticket()).await.expect_problem(400, "bad-request");
    }
    for (program, path) in [(&gateway, "/v1/me"), (&admin, "/v1/users"), (&admin, "/v1/audit")] {
        get_for(program, &rita.id, path).await.expect_problem(400, "bad-request");
    }
    assert_eq!(desk.stored().await, before);
    post_for(&gateway, &rita.id, "/v1/tickets", ticket()).await.expect(201);
}

#[tokio::test]
async fn a_key_of_a_program_does_not_mix_people() {
    let desk = Desk::open().await;
    let (admin, rita, otto) = (desk.admin().await, desk.user("Rita").await, desk.user("Otto").await);
    let gateway = program(&desk, &admin, "user", &["act_for", "open_tickets"]).await;
    let open = async |person: &str| {
        let headers = [JSON, ("idempotency-key", "mail-1"), (HEADER, person)];
        gateway.send(Method::POST, "/v1/tickets", &headers, ticket().to_string().into_bytes()).await
    };
    let opened = open(&rita.id).await.expect(201);
    let again = open(&rita.id).await.expect(201);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &opened.body));
    open(&otto.id).await.expect_problem(422, "idempotency-key-reused");
    let headers = [JSON, ("idempotency-key", "mail-1")];
    let itself = gateway.send(Method::POST, "/v1/tickets", &headers, ticket().to_string().into_bytes()).await;
    itself.expect_problem(422, "idempotency-key-reused");
    assert!(otto.all_pages("/v1/tickets", 100).await.is_empty());
}
