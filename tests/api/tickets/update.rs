use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

use crate::support::{Caller, Desk, Response, assert_unchanged};

async fn patch(caller: &Caller, number: u64, if_match: &str, body: Value) -> Response {
    let headers = [("content-type", "application/merge-patch+json"), ("if-match", if_match)];
    let path = format!("/v1/tickets/{number}");
    caller.send(Method::PATCH, &path, &headers, body.to_string().into_bytes()).await
}

#[tokio::test]
async fn an_edit_changes_only_named_fields_and_logs_old_and_new_values() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    let edited =
        patch(&ana, number, "\"1\"", json!({"title": "It jams", "description": "Every page."})).await.expect(200);
    assert_eq!(edited.header("etag"), Some("\"2\""));
    assert_eq!((&edited.body["title"], &edited.body["description"]), (&json!("It jams"), &json!("Every page.")));
    let classed = json!({"priority": "urgent", "category": "Hardware", "tags": ["printer"]});
    patch(&tina, number, "\"2\"", classed).await.expect(200);
    let ticket = ana.get(&format!("/v1/tickets/{number}")).await.expect(200).body;
    assert_eq!((&ticket["description"], &ticket["priority"]), (&json!("Every page."), &json!("urgent")));
    let queue = tina.get("/v1/tickets?status=open&category=Hardware&tag=printer&priority=urgent").await.expect(200);
    assert_eq!(queue.items().len(), 1);
    let removed = patch(&tina, number, "\"3\"", json!({"category": null, "tags": null})).await.expect(200).body;
    assert_eq!((&removed["category"], &removed["tags"]), (&json!(null), &json!([])));
    let events = ana.get(&format!("/v1/tickets/{number}/events")).await.expect(200);
    let updated = &events.items()[1];
    assert_eq!((&updated["type"], &updated["from_status"]), (&json!("updated"), &json!(null)));
    assert_eq!(updated["changes"][0], json!({"field": "title", "old": "The printer jams", "new": "It jams"}));
    let verified = ana.get(&format!("/v1/tickets/{number}/verify")).await.expect(200).body;
    assert_eq!((&verified["intact"], &verified["entries"]), (&json!(true), &json!(4)));
}

#[tokio::test]
async fn an_edit_needs_a_version_and_a_stale_one_changes_nothing() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    let path = format!("/v1/tickets/{number}");
    let before = desk.stored().await;
    let blind = ana.send_json(Method::PATCH, &path, json!({"title": "x"})).await;
    blind.expect_problem(428, "precondition-required");
    let stale = [
        "\"0\"",
        "\"2\"",
        "W/\"1\"",
        "\"x\"",
        "\"1x\"",
        "\"\"",
        "\"01\"",
        "\"+1\"",
        "\"1,1\"",
        "\"1\u{301}\"",
        ",",
        "\"2\",, \"3\",",
    ];
    for stale in stale {
        let response =
            patch(&ana, number, stale, json!({"title": "x"})).await.expect_problem(412, "precondition-failed");
        assert_eq!(response.header("etag"), Some("\"1\""), "{stale}");
    }
    for malformed in ["1", "\"1", "\"1\" \"1\"", "*, \"1\"", "\"1 \"", "'1'"] {
        patch(&ana, number, malformed, json!({"title": "x"})).await.expect_problem(400, "bad-request");
    }
    // A command may have a precondition too.
    let headers = [("if-match", "\"7\"")];
    let taken = tina.send(Method::POST, &format!("{path}/assign"), &headers, Vec::new()).await;
    taken.expect_problem(412, "precondition-failed");
    assert_unchanged(&before, &desk.stored().await, "a stale change");
    for fresh in ["\"1\"", "\"9\", \"1\"", "\"1\",", ", \"1\"", " ,\t\"1,2\" , ,W/\"1\",\"1\"", "*"] {
        let same = patch(&ana, number, fresh, json!({"title": "The printer jams"})).await.expect(200);
        assert_eq!(same.header("etag"), Some("\"1\""), "nothing changed");
    }
    let headers = [("if-match", "\"1\"")];
    tina.send(Method::POST, &format!("{path}/assign"), &headers, Vec::new()).await.expect(200);
    let late = patch(&ana, number, "\"2\"", json!({"title": "x"})).await.expect_problem(409, "invalid-transition");
    assert_eq!(late.body["allowed"], json!(["comment"]));
}

/// The outcomes of both preconditions are tested in `api::preconditions`. This test checks that
/// every route applies them.
#[tokio::test]
async fn every_route_of_a_ticket_checks_both_preconditions() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    let path = format!("/v1/tickets/{number}");
    let before = desk.stored().await;
    let at = |name: &str| format!("{path}/{name}");
    let title = json!({"title": "x"});
    for (caller, method, path, body) in [
        (&ana, Method::GET, path.clone(), json!(null)),
        (&ana, Method::PATCH, path.clone(), title),
        (&tina, Method::POST, at("assign"), json!({})),
        (&ana, Method::POST, at("withdraw"), json!({})),
        (&ana, Method::POST, at("comments"), json!({"body": "x"})),
        (&tina, Method::POST, at("notes"), json!({"body": "x"})),
    ] {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let seen = method == Method::GET;
        for (if_match, if_none_match, status) in [
            ("\"99\"", "", 412),
            ("bad", "", 400),
            ("*", "*", if seen { 304 } else { 412 }),
            ("\"1\"", "W/\"1\"", if seen { 304 } else { 412 }),
            ("\"1\"", "bad", 400),
        ] {
            let headers =
                [("content-type", "application/json"), ("if-match", if_match), ("if-none-match", if_none_match)];
            let headers: Vec<_> = headers.into_iter().filter(|(_, value)| !value.is_empty()).collect();
            let response = caller.send(method.clone(), &path, &headers, body.clone()).await.expect(status);
            if status == 412 {
                let detail = response.body["detail"].as_str().unwrap();
                assert_eq!(detail.contains("`If-None-Match`"), !if_none_match.is_empty(), "{detail}");
                assert_eq!(response.header("etag"), Some("\"1\""));
            }
        }
    }
    assert_unchanged(&before, &desk.stored().await, "a failed precondition");
    let headers = [("if-match", "\"1\""), ("if-none-match", "\"2\"")];
    tina.send(Method::POST, &at("assign"), &headers, Vec::new()).await.expect(200);
}

#[tokio::test]
async fn a_caller_with_the_current_version_gets_304_without_a_body() {
    let desk = Desk::open().await;
    let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
    let path = format!("/v1/tickets/{}", desk.ticket(&ana).await);
    let get = async |caller: &Caller, tags: &str| {
        caller.send(Method::GET, &path, &[("if-none-match", tags)], Vec::new()).await
    };
    for same in ["\"1\"", "W/\"1\"", "\"0\", \"1\"", ",W/\"1\",", "*"] {
        let response = get(&ana, same).await.expect(304);
        assert_eq!((response.header("etag"), &response.body), (Some("\"1\""), &json!(null)), "{same}");
    }
    for other in ["\"2\"", "\"01\"", "\"+1\"", "\"1,1\"", ","] {
        get(&ana, other).await.expect(200);
    }
    get(&bea, "*").await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn none_of_64_concurrent_edits_of_a_ticket_is_lost() {
    let desk = Desk::with_instances(8).await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    let edits = join_all((0..64).map(|edit| {
        let tina = &tina;
        async move {
            let path = format!("/v1/tickets/{number}");
            let seen = tina.get(&path).await.expect(200).header("etag").unwrap().to_owned();
            patch(tina, number, &seen, json!({"tags": [format!("edit-{edit}")]})).await
        }
    }))
    .await;
    let applied = edits.iter().filter(|response| response.status == 200).count();
    assert!(edits.iter().all(|response| [200, 409, 412].contains(&response.status.as_u16())), "{edits:?}");
    assert!(applied > 0);
    let ticket = ana.get(&format!("/v1/tickets/{number}")).await.expect(200).body;
    assert_eq!(ticket["version"], json!(1 + applied), "each applied change is one version");
    let events = ana.all_pages(&format!("/v1/tickets/{number}/events"), 100).await;
    let chained = events[1..].windows(2).all(|pair| pair[1]["changes"][0]["old"] == pair[0]["changes"][0]["new"]);
    assert!(chained, "no change was overwritten");
    assert_eq!(ana.get(&format!("/v1/tickets/{number}/verify")).await.expect(200).body["intact"], true);
}
