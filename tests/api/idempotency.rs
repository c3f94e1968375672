//! `Idempotency-Key`: a repeated request gets the same response and has no second effect.

use std::collections::BTreeSet;

use domain::lifecycle::Status;
use domain::permission::DeskAction;
use domain::user::Role;
use endpoints::expected::Relation;
use endpoints::row::{Right, Row};
use endpoints::table::rows;
use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

use crate::support::table::{Item, number, partition_begins};
use crate::support::{Caller, Desk, Response, assert_unchanged};

async fn post(caller: &Caller, path: &str, key: &str, body: &Value) -> Response {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    caller.send(Method::POST, path, &headers, body.to_string().into_bytes()).await
}

fn is_replay(item: &Item) -> bool {
    partition_begins(item, "REPLAY#")
}

fn ticket() -> Value {
    json!({"title": "The printer jams", "description": "Every second page."})
}

/// Returns a response without the headers that belong to a single request.
fn comparable(mut response: Response) -> (u16, Vec<(String, String)>, Value) {
    for header in ["x-request-id", "date", "idempotency-replayed"] {
        response.headers.remove(header);
    }
    let text = |value: &http::HeaderValue| value.to_str().unwrap().to_owned();
    let mut headers: Vec<(String, String)> =
        response.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    headers.sort_unstable();
    (response.status.as_u16(), headers, response.body)
}

#[tokio::test]
async fn a_replayed_post_on_a_ticket_has_the_same_response_and_no_effect() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let mut before = desk.stored().await;
    for (place, (caller, path, body)) in [
        (&ana, "/v1/tickets", ticket()),
        (&tina, "/v1/tickets/1/assign", json!({})),
        (&tina, "/v1/tickets/1/assign", json!({})),
        (&tina, "/v1/tickets/1/notes", json!({"body": "Between us."})),
        (&tina, "/v1/tickets/1/release", json!({"reason": "Lunch."})),
        (&tina, "/v1/tickets/1/assign", json!({"assignee_id": tina.id})),
        (&ana, "/v1/tickets/1/comments", json!({"body": "Still?"})),
        (&tina, "/v1/tickets/1/resolve", json!({"resolution": "Done."})),
        (&ana, "/v1/tickets/1/reopen", json!({})),
        (&tina, "/v1/tickets/1/resolve", json!({"resolution": "Done again."})),
        (&ana, "/v1/tickets/1/close", json!({})),
        (&ana, "/v1/tickets", ticket()),
        (&ana, "/v1/tickets/2/withdraw", json!({})),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("key-{place}");
        let first = post(caller, path, &key, &body).await;
        assert!(first.status.is_success(), "{path}: {}", first.body);
        assert_eq!(first.header("idempotency-replayed"), None);
        let after = desk.stored().await;
        assert_ne!(after, before, "{path}");
        let first = comparable(first);
        for _ in 0..2 {
            let again = post(caller, path, &format!("\"{key}\""), &body).await;
            assert_eq!(again.header("idempotency-replayed"), Some("true"), "{path}");
            assert_eq!(comparable(again), first, "{path}");
        }
        assert_unchanged(&after, &desk.stored().await, path);
        before = after;
    }
    assert_eq!(ana.get("/v1/tickets/1/verify").await.expect(200).body["intact"], true);
}

/// Returns the calls of every `POST` on tickets that staff make on tickets of others.
fn sent_by_staff() -> impl Iterator<Item = Row> {
    let on_tickets = |row: &Row| row.endpoint.method() == "POST" && row.endpoint.path().starts_with("/v1/tickets");
    rows().filter(on_tickets).filter(|row| row.call.right != Right::Desk(DeskAction::OpenTicket))
}

/// Opens a ticket for Ana in the status that the call needs, and returns its number.
async fn ticket_for(row: &Row, ana: &Caller, tina: &Caller, desk: &Desk) -> u64 {
    let number = desk.ticket(ana).await;
    let path = format!("/v1/tickets/{number}");
    if row.call.from != Status::Open {
        tina.post_empty(&format!("{path}/assign")).await.expect(200);
    }
    if row.call.from == Status::Resolved {
        tina.post(&format!("{path}/resolve"), json!({"resolution": "Done."})).await.expect(200);
    }
    number
}

/// Returns whether a technician who is the assignee, or may take the ticket, may make the call, and
/// not only an admin.
fn is_permitted_to_technician(row: &Row) -> bool {
    let technician = endpoints::expected::Caller::SignedIn(Role::Technician);
    let theirs = if row.call.from == Status::Open { Relation::Others } else { Relation::Assigned };
    let relation = if row.relations().contains(&theirs) { theirs } else { Relation::Unrelated };
    row.expected(technician, relation) == Some(row.call.status)
}

#[tokio::test]
async fn a_replay_hides_tickets_the_caller_may_no_longer_see() {
    let desk = Desk::open().await;
    let (admin, ada) = (desk.admin().await, desk.admin().await);
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let tom = desk.technician(&admin, "Tom").await;
    let mut sent = Vec::new();
    for (place, row) in sent_by_staff().enumerate() {
        let number = ticket_for(&row, &ana, &tina, &desk).await;
        let caller = if is_permitted_to_technician(&row) { &tina } else { &ada };
        let path = row.endpoint.path().replace("{number}", &number.to_string());
        let body = row.call.body.replace("%title", "No coffee").replace("%text", "Cold.");
        let body = body.replace("%other", &ana.id).replace("%technician", &tom.id).replace("%email", &ana.email);
        let body = if body.is_empty() { json!({}) } else { serde_json::from_str(&body).unwrap() };
        let first = post(caller, &path, &format!("key-{place}"), &body).await;
        assert_eq!(first.status, row.call.status, "{}: {}", row.name(), first.body);
        let number = if path == "/v1/tickets" { first.body["number"].as_u64().unwrap() } else { number };
        assert!(first.body.to_string().contains(&number.to_string()), "{path}");
        let before = desk.stored().await;
        let again = post(caller, &path, &format!("key-{place}"), &body).await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"), "{path}");
        assert_eq!(comparable(again), comparable(first), "{path}");
        assert_unchanged(&before, &desk.stored().await, &path);
        sent.push((caller, number, path, body));
    }
    let own = post(&tina, "/v1/tickets", "own", &ticket()).await.expect(201);
    let own_note = format!("/v1/tickets/{}/notes", own.body["number"]);
    post(&tina, &own_note, "own-note", &json!({"body": "Between us."})).await.expect(201);

    for person in [&tina, &ada] {
        admin.put(&format!("/v1/users/{}/role", person.id), json!({"role": "user"})).await.expect(200);
    }
    let (now_tina, now_ada) = (desk.signed_in(tina.clone()).await, desk.signed_in(ada.clone()).await);
    let mut repeated = BTreeSet::new();
    for (place, (caller, number, path, body)) in sent.iter().enumerate() {
        let caller = if caller.id == tina.id { &now_tina } else { &now_ada };
        let again = post(caller, path, &format!("key-{place}"), body).await.expect_problem(404, "not-found");
        let got = caller.get(&format!("/v1/tickets/{number}")).await.expect_problem(404, "not-found");
        let without_instance = |mut response: Response| {
            response.body["instance"] = Value::Null;
            comparable(response)
        };
        assert_eq!(without_instance(again), without_instance(got), "{path}");
        repeated.insert(path.replace(&format!("/{number}"), "/{number}"));
    }
    let with_keys = api::ROUTES.iter().filter(|route| route.method == "POST");
    let with_keys = with_keys.filter(|route| route.path.starts_with("/v1/tickets")).map(|route| route.path.to_owned());
    assert_eq!(repeated, with_keys.collect(), "a route that takes keys is not tested");
    // She still sees her own tickets, but no notes on them.
    let again = post(&now_tina, "/v1/tickets", "own", &ticket()).await.expect(201);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &own.body));
    post(&now_tina, &own_note, "own-note", &json!({"body": "Between us."})).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_key_belongs_to_its_caller_and_one_request_for_a_day() {
    let desk = Desk::open().await;
    let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
    post(&ana, "/v1/tickets", "k", &ticket()).await.expect(201);
    let other = json!({"title": "Another", "description": "Another."});
    post(&ana, "/v1/tickets", "k", &other).await.expect_problem(422, "idempotency-key-reused");
    post(&ana, "/v1/tickets/1/withdraw", "k", &json!({})).await.expect_problem(422, "idempotency-key-reused");
    let beas = post(&bea, "/v1/tickets", "k", &other).await.expect(201);
    assert_eq!((&beas.body["number"], beas.header("idempotency-replayed")), (&json!(2), None));
    for key in ["", &"k".repeat(256), "\"\""] {
        post(&ana, "/v1/tickets", key, &other).await.expect_problem(400, "bad-request");
    }
    post(&ana, "/v1/tickets", &"k".repeat(255), &other).await.expect(201);
    let kept: i64 = desk.items(is_replay).await[0]["expires_at"].as_n().unwrap().parse().unwrap();
    let now = edges::clock::now().unix_seconds();
    assert!((now + 86_300..=now + 86_400).contains(&kept));
    // After a day the key no longer counts, even if the table still has its item.
    desk.set(is_replay, "expires_at", number(now)).await;
    let anew = post(&ana, "/v1/tickets", "k", &other).await.expect(201);
    assert_eq!(anew.header("idempotency-replayed"), None);
}

#[tokio::test]
async fn no_response_is_stored_without_a_key_or_for_a_refused_request() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    desk.ticket(&ana).await;
    let before = desk.stored().await;
    assert!(desk.items(is_replay).await.is_empty());
    post(&ana, "/v1/tickets/1/close", "k", &json!({})).await.expect_problem(409, "invalid-transition");
    post(&ana, "/v1/tickets", "k", &json!({"title": ""})).await.expect_problem(422, "validation-failed");
    assert_unchanged(&before, &desk.stored().await, "a refused request");
    post(&ana, "/v1/tickets/1/withdraw", "k", &json!({})).await.expect(200);
}

#[tokio::test]
async fn one_of_64_equal_requests_opens_the_ticket_and_all_get_its_response() {
    let desk = Desk::with_instances(8).await;
    let ana = desk.user("Ana").await;
    let responses =
        join_all((0..64).map(|_| async { post(&ana, "/v1/tickets", "k", &ticket()).await.expect(201) })).await;
    let replayed = responses.iter().filter(|response| response.header("idempotency-replayed").is_some()).count();
    assert_eq!(replayed, 63);
    let first = responses[0].body.clone();
    assert!(responses.iter().all(|response| response.body == first));
    assert_eq!(ana.get("/v1/tickets").await.expect(200).items().len(), 1);
    let path = format!("/v1/tickets/{}", first["number"]);
    let withdrawals = (0..16).map(|_| {
        let path = format!("{path}/withdraw");
        let ana = &ana;
        async move { post(ana, &path, "w", &json!({})).await.expect(200) }
    });
    let responses = join_all(withdrawals).await;
    assert!(responses.iter().all(|response| response.body == responses[0].body));
    assert_eq!(ana.get(&format!("{path}/events")).await.expect(200).items().len(), 2);
}
