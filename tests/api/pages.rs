//! Pages that fit into Lambda's responses: they end by bytes as well as by number, and nothing is
//! lost or listed twice.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::TicketNumber;
use domain::time::Timestamp;
use edges::clock::Deadline;
use edges::store::{Store, Verified};
use http::Method;
use serde_json::{Value, json};

use crate::support::table::{Item, partition_begins, sort_key_begins};
use crate::support::{Caller, Desk, Response};

/// The largest response that Lambda accepts, in bytes (Lambda developer guide, "Quotas").
const ANSWER_BYTES_MAX: usize = 6_291_556;
/// The largest item that DynamoDB accepts, in bytes.
const ITEM_BYTES_MAX: usize = 400 * 1024;

/// Returns a longest description, 10,000 characters of four bytes. No two are alike.
fn of_four_bytes(number: usize) -> String {
    let number = format!("{number:04}");
    number.clone() + &"\u{1F5A8}".repeat(10_000 - number.len())
}

/// Returns a longest description of a character that takes four bytes in JSON within JSON.
fn of_quotes(number: usize) -> String {
    let number = format!("{number:04}");
    number.clone() + &"\"".repeat(10_000 - number.len())
}

async fn patch(caller: &Caller, path: &str, description: &str) {
    let headers = [("content-type", "application/json"), ("if-match", "*")];
    let body = json!({ "description": description }).to_string();
    caller.send(Method::PATCH, path, &headers, body.into_bytes()).await.expect(200);
}

/// Reads every page of a list, none of which may be larger than Lambda accepts. Returns the items
/// and the number of pages.
async fn read_all_pages(caller: &Caller, path: &str) -> (Vec<Value>, usize) {
    let separator = if path.contains('?') { '&' } else { '?' };
    let (mut items, mut pages) = (Vec::new(), 0);
    let mut next = format!("{path}{separator}limit=100");
    loop {
        let page = caller.get(&next).await.expect(200);
        let bytes = Value::String(page.body.to_string()).to_string().len();
        assert!(bytes < ANSWER_BYTES_MAX, "{next} has {bytes} bytes as it leaves the function");
        assert!(!page.items().is_empty(), "{next} is empty");
        items.extend_from_slice(page.items());
        pages += 1;
        let Some(cursor) = page.body["next_cursor"].as_str() else {
            return (items, pages);
        };
        next = format!("{path}{separator}limit=100&cursor={cursor}");
    }
}

/// Verifies a ticket, continuing from each cursor until the log is verified completely.
async fn verified(caller: &Caller, path: &str) -> Value {
    let mut body = caller.get(path).await.expect(200).body;
    while let Some(cursor) = body["next_cursor"].as_str() {
        body = caller.get(&format!("{path}?cursor={cursor}")).await.expect(200).body;
    }
    body
}

#[tokio::test]
async fn a_hundred_edits_of_the_longest_description_are_each_listed_once() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    for text in [of_four_bytes, of_quotes] {
        let body = json!({"title": "The printer jams", "description": text(0)});
        let number = ana.post("/v1/tickets", body).await.expect(201).body["number"].as_u64().unwrap();
        let path = format!("/v1/tickets/{number}");
        for edit in 1..=100 {
            patch(&ana, &path, &text(edit)).await;
        }
        let mut seqs: Vec<u64> = (1..=101).collect();
        for list in ["events", "timeline", "timeline?order=desc"] {
            let (items, pages) = read_all_pages(&ana, &format!("{path}/{list}")).await;
            if list.ends_with("desc") {
                seqs.reverse();
            }
            let shown: Vec<u64> = items.iter().map(|item| item["seq"].as_u64().unwrap()).collect();
            assert_eq!(shown, seqs, "{list}");
            assert!(pages >= 2, "{list}: {pages}");
            for item in items.iter().filter(|item| item["type"] == "updated") {
                let edit = usize::try_from(item["seq"].as_u64().unwrap()).unwrap() - 1;
                let change = json!({"field": "description", "old": text(edit - 1), "new": text(edit)});
                assert!(item["changes"] == json!([change]), "{list}: edit {edit}");
            }
        }
        let verified = verified(&ana, &format!("{path}/verify")).await;
        assert_eq!((&verified["intact"], &verified["entries"]), (&json!(true), &json!(101)));
        // An entry stores its new text once, and not the text before it.
        let log = format!("TICKET#{number}");
        let is_edit = |item: &Item| partition_begins(item, &log) && sort_key_begins(item, "LOG#");
        for entry in desk.items(is_edit).await {
            let bytes = format!("{:?}", entry["changes"]).len();
            assert!(bytes < format!("{:?}", text(1)).len() + 2_000, "{bytes}");
        }
    }
}

#[tokio::test]
async fn the_longest_texts_fit_into_responses_and_stored_responses() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let text = |characters: usize, first: &str| first.to_owned() + &"\u{1F5A8}".repeat(characters - first.len());
    let tags: Vec<String> = (0..10).map(|tag| text(30, &tag.to_string())).collect();
    let opening = json!({"title": text(150, ""), "description": of_quotes(0), "category": text(50, ""), "tags": tags});
    let posts = [
        (&ana, "/v1/tickets", opening.clone(), 201),
        (&ana, "/v1/tickets", json!({"title": text(150, ""), "description": of_four_bytes(0), "tags": tags}), 201),
        (&tina, "/v1/tickets/1/assign", json!({}), 200),
        (&ana, "/v1/tickets/1/comments", json!({"body": of_quotes(1)}), 201),
        (&ana, "/v1/tickets/1/comments", json!({"body": of_four_bytes(1)}), 201),
        (&tina, "/v1/tickets/1/notes", json!({"body": of_four_bytes(2)}), 201),
        (&tina, "/v1/tickets/1/resolve", json!({"resolution": text(2_000, "")}), 200),
        (&ana, "/v1/tickets/1/reopen", json!({"reason": text(2_000, "")}), 200),
    ];
    for (place, (caller, path, body, status)) in posts.into_iter().enumerate() {
        let key = format!("key-{place}");
        let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
        let post = || caller.send(Method::POST, path, &headers, body.to_string().into_bytes());
        let (first, again): (Response, Response) = (post().await.expect(status), post().await.expect(status));
        assert!(first.body == again.body, "{path}");
        assert_eq!(again.header("idempotency-replayed"), Some("true"), "{path}");
    }
    for item in desk.items(|_| true).await {
        let bytes = format!("{item:?}").len();
        assert!(bytes < ITEM_BYTES_MAX / 2, "{bytes} bytes under {:?} {:?}", item["pk"], item["sk"]);
    }
    // The former resolution is shown unchanged.
    let events = ana.get("/v1/tickets/1/events").await.expect(200);
    let reopened = events.items().iter().find(|event| event["type"] == "reopened").unwrap();
    let change = json!({"field": "resolution", "old": text(2_000, ""), "new": null});
    assert_eq!(reopened["changes"], json!([change]));
}

#[tokio::test]
async fn a_verification_that_runs_out_of_time_continues_from_a_cursor() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let (number, other) = (desk.ticket(&ana).await, desk.ticket(&ana).await);
    for place in 0..300 {
        let said = json!({"body": format!("Comment {place}.")});
        ana.post(&format!("/v1/tickets/{number}/comments"), said).await.expect(201);
    }
    let path = format!("/v1/tickets/{number}/verify");
    let whole = ana.get(&path).await.expect(200).body;
    assert_eq!((&whole["intact"], whole.get("next_cursor")), (&json!(true), None));
    // The state after a call whose time ran out after the first 250 entries.
    let store = Store::new(desk.dynamodb(), desk.stack.table_name().to_owned());
    let over = Deadline::at(Timestamp::UNIX_EPOCH);
    let ticket = TicketNumber::new(number).unwrap();
    let Some(Verified::Partial { progress, .. }) = store.verify(ticket, None, over).await.unwrap() else {
        panic!("verification takes more than one call");
    };
    let cursor = progress.written().unwrap();
    assert_eq!(ana.get(&format!("{path}?cursor={cursor}")).await.expect(200).body, whole);
    let elsewhere = format!("/v1/tickets/{other}/verify?cursor={cursor}");
    ana.get(&elsewhere).await.expect_problem(400, "invalid-cursor");
    // Invented cursors: one with a false position, and one that is longer than any of ours.
    let mut far: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&cursor).unwrap()).unwrap();
    for place in ["/verifier/entries", "/verifier/folded/seq"] {
        *far.pointer_mut(place).unwrap() = json!(u64::MAX);
    }
    let far = URL_SAFE_NO_PAD.encode(far.to_string());
    assert_eq!(ana.get(&format!("{path}?cursor={far}")).await.expect(200).body["intact"], false);
    for wrong in ["x", &"A".repeat(7_000)] {
        ana.get(&format!("{path}?cursor={wrong}")).await.expect_problem(400, "invalid-cursor");
    }
    // A position in a list of comments has only one spelling.
    let comments = format!("/v1/tickets/{number}/comments?limit=1");
    let first = ana.get(&comments).await.expect(200).body["next_cursor"].as_str().unwrap().to_owned();
    for (after, status) in [("5", 200), ("05", 400), ("+5", 400), (" 5", 400), ("x", 400)] {
        let mut place: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&first).unwrap()).unwrap();
        place["after"] = json!(after);
        let crafted = URL_SAFE_NO_PAD.encode(place.to_string());
        let response = ana.get(&format!("{comments}&cursor={crafted}")).await;
        assert_eq!(response.status, status, "{after}");
    }
    ana.get(&format!("{path}?after=x")).await.expect_problem(400, "bad-request");
}
