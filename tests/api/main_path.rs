//! The main path: open, take, comment, resolve, close, and the notifications.

use serde_json::json;

use crate::support::{Desk, eventually};

#[tokio::test]
async fn a_ticket_goes_from_open_to_closed_and_everyone_is_notified() {
    let desk = Desk::open().await.signing_in_over_http();
    let admin = desk.admin().await;
    let rita = desk.user("Rita").await;
    let tina = desk.technician(&admin, "Tina").await;

    let body = json!({"title": "The printer jams", "description": "Every second page.", "priority": "high"});
    let opened = rita.post("/v1/tickets", body).await.expect(201);
    let number = opened.body["number"].as_u64().unwrap();
    assert_eq!(opened.header("location"), Some(format!("/v1/tickets/{number}").as_str()));
    assert_eq!(opened.header("etag"), Some("\"1\""));
    assert_eq!(opened.body["status"], "open");
    assert_eq!(opened.body["requester"], json!({"id": rita.id, "name": "Rita", "role": "user"}));
    assert_eq!(opened.body["allowed_actions"], json!(["withdraw", "comment", "update"]));

    let path = format!("/v1/tickets/{number}");
    let queue = tina.get("/v1/tickets?status=open").await.expect(200);
    assert_eq!(queue.items()[0]["number"], number);
    assert_eq!(queue.items()[0]["allowed_actions"], json!(["assign", "update", "note"]));
    let taken = tina.post_empty(&format!("{path}/assign")).await.expect(200);
    assert_eq!(taken.body["status"], "in_progress");
    assert_eq!(taken.body["assignee"]["id"], tina.id.as_str());

    let question = json!({"body": "Which tray?"});
    tina.post(&format!("{path}/comments"), question).await.expect(201);
    let response = rita.post(&format!("{path}/comments"), json!({"body": "The lower one."})).await.expect(201);
    assert_eq!(response.body["seq"], 4);
    assert_eq!(response.body["author"]["name"], "Rita");

    let resolved = tina.post(&format!("{path}/resolve"), json!({"resolution": "New rollers."})).await.expect(200);
    assert_eq!(resolved.body["status"], "resolved");
    assert_eq!(resolved.body["resolution"], "New rollers.");
    let closed = rita.post_empty(&format!("{path}/close")).await.expect(200);
    assert_eq!(closed.body["status"], "closed");
    assert_eq!(closed.body["version"], 6);
    assert_eq!(closed.body["description"], "Every second page.");
    assert_eq!(closed.body["allowed_actions"], json!([]));

    let of_rita = eventually("Rita is notified of the resolution", async || {
        let notifications = desk.notifications_of(&rita).await;
        (notifications.len() >= 3).then_some(notifications)
    })
    .await;
    let row = |event: &str, reason: &str| (event.to_owned(), number, reason.to_owned());
    let expected = [row("resolved", "requester"), row("commented", "requester"), row("assigned", "requester")];
    assert_eq!(of_rita, expected, "Rita is notified once of each action of others, and not of her own");
    let of_tina = eventually("Tina is notified of the end", async || {
        let notifications = desk.notifications_of(&tina).await;
        (notifications.len() >= 2).then_some(notifications)
    })
    .await;
    assert_eq!(of_tina, [row("closed", "assignee"), row("commented", "assignee")]);
    assert_eq!(desk.notifications_of(&admin).await, [], "nobody else is notified");
    desk.assert_no_process_died();
}
