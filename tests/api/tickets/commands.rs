use http::Method;
use serde_json::json;

use crate::support::Desk;

#[tokio::test]
async fn a_refused_command_lists_the_allowed_actions() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let tina = desk.technician(&admin, "Tina").await;
    let path = format!("/v1/tickets/{}", desk.ticket(&ana).await);
    let at = |command: &str| format!("{path}/{command}");

    let problem = ana.post_empty(&at("close")).await.expect_problem(409, "invalid-transition");
    assert_eq!(problem.body["allowed"], json!(["withdraw", "comment", "update"]));
    let problem = tina.post(&at("resolve"), json!({"resolution": "x"})).await.expect_problem(403, "forbidden");
    assert!(problem.body["detail"].as_str().unwrap().ends_with("Take the ticket first."), "{}", problem.body);
    assert_eq!(problem.body["allowed"], json!(["assign", "update", "note"]));
    tina.post_empty(&at("assign")).await.expect(200);
    ana.post_empty(&at("withdraw")).await.expect_problem(409, "invalid-transition");
    let problem = tina.post(&at("resolve"), json!({})).await.expect_problem(422, "validation-failed");
    assert_eq!(problem.pointers(), ["/resolution"]);
    assert_eq!(ana.get(&path).await.expect(200).body["version"], 2);
}

#[tokio::test]
async fn every_command_is_logged_with_its_reason() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let tina = desk.technician(&admin, "Tina").await;
    let path = format!("/v1/tickets/{}", desk.ticket(&ana).await);
    let at = |command: &str| format!("{path}/{command}");

    tina.post_empty(&at("assign")).await.expect(200);
    let released = tina.post(&at("release"), json!({"reason": "On leave."})).await.expect(200).body;
    assert_eq!((&released["status"], &released["assignee"]), (&json!("open"), &json!(null)));
    tina.post(&at("assign"), json!({})).await.expect(200);
    tina.post(&at("resolve"), json!({"resolution": "Rebooted."})).await.expect(200);
    let reopened = ana.post(&at("reopen"), json!({"reason": "Still down."})).await.expect(200).body;
    assert_eq!((&reopened["status"], &reopened["resolution"]), (&json!("in_progress"), &json!(null)));
    tina.post(&at("resolve"), json!({"resolution": "Replaced."})).await.expect(200);
    let closed = ana.post(&at("close"), json!({"reason": "Works."})).await.expect(200).body;
    assert_eq!((&closed["resolution"], &closed["closed_at"]), (&json!("Replaced."), &closed["updated_at"]));

    let events = ana.get(&at("events")).await.expect(200);
    let rows: Vec<String> = events
        .items()
        .iter()
        .map(|event| {
            let text = |field: &str| event[field].as_str().unwrap_or("-").to_owned();
            format!(
                "{} {} {} {} {}",
                event["seq"],
                text("type"),
                text("from_status"),
                text("to_status"),
                text("reason")
            )
        })
        .collect();
    let expected = [
        "1 opened - open -",
        "2 assigned open in_progress -",
        "3 released in_progress open On leave.",
        "4 assigned open in_progress -",
        "5 resolved in_progress resolved -",
        "6 reopened resolved in_progress Still down.",
        "7 resolved in_progress resolved -",
        "8 closed resolved closed Works.",
    ];
    assert_eq!(rows, expected);
    let resolution = json!([{"field": "resolution", "old": "Rebooted.", "new": null}]);
    assert_eq!(events.items()[5]["changes"], resolution);
}

#[tokio::test]
async fn a_withdrawn_ticket_is_closed_permanently() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let path = format!("/v1/tickets/{}", desk.ticket(&ana).await);
    let withdrawn = ana.post(&format!("{path}/withdraw"), json!({"reason": "Found it."})).await.expect(200);
    assert_eq!(withdrawn.body["status"], "closed");
    let before = desk.stored().await;
    let comment = json!({"body": "One more thing."});
    // Every caller who sees the ticket gets the same response, whether or not they may comment on
    // an open one.
    for caller in [&ana, &tina, &admin] {
        let said = caller.post(&format!("{path}/comments"), comment.clone()).await;
        let detail = said.expect_problem(409, "ticket-closed").body["detail"].clone();
        assert_eq!(detail, "The ticket is closed permanently. Open a new one with `follow_up_of`.");
        for edit in [json!({"title": "x"}), json!({"priority": "low"})] {
            let headers = [("content-type", "application/json"), ("if-match", "*")];
            let edited = caller.send(Method::PATCH, &path, &headers, edit.to_string().into_bytes()).await;
            edited.expect_problem(409, "ticket-closed");
        }
    }
    let refused = tina.post_empty(&format!("{path}/withdraw")).await.expect_problem(403, "forbidden");
    assert!(refused.body["detail"].as_str().unwrap().starts_with("No one can do this: "), "{}", refused.body);
    let problem = ana.post_empty(&format!("{path}/reopen")).await.expect_problem(409, "invalid-transition");
    assert_eq!(problem.body["allowed"], json!([]));
    assert_eq!(desk.stored().await, before);
}
