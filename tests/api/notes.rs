//! Internal notes: staff see them, and nothing that a requester can see changes because of them.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Caller, Desk, Response, eventually};

async fn note(caller: &Caller, number: u64, body: &str) -> Response {
    caller.post(&format!("/v1/tickets/{number}/notes"), json!({"body": body})).await
}

fn texts(items: &[Value], field: &str) -> Vec<String> {
    items.iter().map(|item| item[field].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn staff_write_and_read_notes_in_order_in_any_status() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina, tom) =
        (desk.user("Ana").await, desk.technician(&admin, "Tina").await, desk.technician(&admin, "Tom").await);
    let number = desk.ticket(&ana).await;
    let first = note(&tina, number, "Third time this month.").await.expect(201).body;
    assert_eq!((&first["ticket"], &first["author"]["name"], first.get("seq")), (&json!(number), &json!("Tina"), None));
    note(&tom, number, "Replace it?").await.expect(201);
    ana.post_empty(&format!("/v1/tickets/{number}/withdraw")).await.expect(200);
    note(&admin, number, "Yes.").await.expect(201);
    let path = format!("/v1/tickets/{number}/notes");
    for limit in 1..=4 {
        let notes = tom.all_pages(&path, limit).await;
        assert_eq!(texts(&notes, "body"), ["Third time this month.", "Replace it?", "Yes."]);
        let timeline = tom.all_pages(&format!("/v1/tickets/{number}/timeline"), limit).await;
        assert_eq!(texts(&timeline, "kind"), ["event", "note", "note", "event", "note"], "pages of {limit}");
        let mut newest_first = tom.all_pages(&format!("/v1/tickets/{number}/timeline?order=desc"), limit).await;
        newest_first.reverse();
        assert_eq!(newest_first, timeline);
    }
    note(&tina, number, " ").await.expect_problem(422, "validation-failed");
    note(&tina, 999, "x").await.expect_problem(404, "not-found");
    note(&ana, number, "x").await.expect_problem(403, "forbidden");
    ana.get(&path).await.expect_problem(403, "forbidden");
}

/// Returns everything that a requester can read about a ticket: status, headers and body of each
/// response.
async fn everything_visible_to(ana: &Caller, number: u64) -> Vec<(String, String)> {
    let ticket = format!("/v1/tickets/{number}");
    let mut seen = Vec::new();
    for path in [
        ticket.clone(),
        format!("{ticket}/comments"),
        format!("{ticket}/events"),
        format!("{ticket}/timeline"),
        format!("{ticket}/timeline?order=desc&limit=1"),
        format!("{ticket}/verify"),
        format!("{ticket}/notes"),
        "/v1/tickets".to_owned(),
        "/v1/tickets?limit=1".to_owned(),
        "/v1/tickets?status=in_progress".to_owned(),
        format!("/v1/tickets?requester={}", ana.id),
        "/v1/tickets?category=Hardware&tag=x".to_owned(),
        "/v1/notifications".to_owned(),
        "/v1/notifications?unread=true".to_owned(),
    ] {
        let mut response = ana.get(&path).await;
        for header in ["x-request-id", "date"] {
            response.headers.remove(header);
        }
        if response.status != 200 {
            response.body["instance"] = json!(null);
        }
        let mut headers: Vec<String> = response.headers.iter().map(|header| format!("{header:?}")).collect();
        headers.sort_unstable();
        seen.push((path, format!("{} {headers:?} {}", response.status, response.body)));
    }
    let headers = [("if-none-match", "\"3\"")];
    let unchanged = ana.send(Method::GET, &ticket, &headers, Vec::new()).await;
    seen.push(("304".to_owned(), unchanged.status.to_string()));
    seen
}

#[tokio::test]
async fn notes_change_nothing_that_a_requester_can_see() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    tina.post(&format!("/v1/tickets/{number}/comments"), json!({"body": "On my way."})).await.expect(201);
    eventually("Ana is notified", async || (desk.notifications_of(&ana).await.len() == 2).then_some(())).await;
    let before = everything_visible_to(&ana, number).await;
    for writer in [&tina, &admin] {
        note(writer, number, "The requester must not know.").await.expect(201);
    }
    // A later notification of another user shows that the effects of the notes have been handled.
    let bea = desk.user("Bea").await;
    let other = desk.ticket(&bea).await;
    tina.post_empty(&format!("/v1/tickets/{other}/assign")).await.expect(200);
    eventually("Bea is notified", async || (desk.notifications_of(&bea).await.len() == 1).then_some(())).await;
    let after = everything_visible_to(&ana, number).await;
    for ((path, before), (_, after)) in before.iter().zip(&after) {
        assert_eq!(before, after, "{path}");
    }
    assert!(after.iter().all(|(_, response)| !response.contains("must not know")));
    assert_eq!(desk.notifications_of(&ana).await.len(), 2);
}
