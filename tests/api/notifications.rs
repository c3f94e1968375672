use serde_json::json;

use crate::support::{Desk, eventually};

#[tokio::test]
async fn a_notification_is_read_once_and_only_by_its_recipient() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
    let tina = desk.technician(&admin, "Tina").await;
    let number = desk.ticket(&ana).await;
    tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    let notification =
        eventually("Ana is notified", async || ana.get("/v1/notifications").await.expect(200).items().first().cloned())
            .await;
    assert_eq!(notification["event"]["title"], "The printer jams");
    assert_eq!(notification["event"]["actor"]["name"], "Tina");
    assert_eq!((&notification["reason"], &notification["read_at"]), (&json!("requester"), &json!(null)));

    let read = format!("/v1/notifications/{}/read", notification["id"].as_str().unwrap());
    bea.post_empty(&read).await.expect_problem(404, "not-found");
    ana.post_empty("/v1/notifications/nonsense/read").await.expect_problem(404, "not-found");
    assert_eq!(ana.get("/v1/notifications?unread=true").await.expect(200).items().len(), 1);
    ana.post(&read, json!({"read_at": null})).await.expect_problem(422, "validation-failed");
    ana.post_empty(&read).await.expect(204);
    assert_eq!(ana.get("/v1/notifications?unread=true").await.expect(200).items().len(), 0);
    let first = ana.get("/v1/notifications").await.expect(200).items()[0]["read_at"].clone();
    assert!(first.is_string());
    ana.post_empty(&read).await.expect(204);
    assert_eq!(
        ana.get("/v1/notifications").await.expect(200).items()[0]["read_at"],
        first,
        "the time of the first read stays"
    );
    assert_eq!(desk.notifications_of(&bea).await, []);
}

#[tokio::test]
async fn assignees_are_notified_when_a_ticket_is_given_handed_over_or_released() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let (tina, tom) = (desk.technician(&admin, "Tina").await, desk.technician(&admin, "Tom").await);
    let number = desk.ticket(&ana).await;
    let assign = format!("/v1/tickets/{number}/assign");
    admin.post(&assign, json!({"assignee_id": tina.id})).await.expect(200);
    admin.post(&assign, json!({"assignee_id": tom.id})).await.expect(200);
    admin.post_empty(&format!("/v1/tickets/{number}/release")).await.expect(200);

    let row = |event: &str, reason: &str| (event.to_owned(), number, reason.to_owned());
    for (caller, expected) in [
        (&tina, vec![row("handed_over", "released"), row("assigned", "assigned")]),
        (&tom, vec![row("released", "released"), row("handed_over", "assigned")]),
        (&ana, vec![row("released", "requester"), row("handed_over", "requester"), row("assigned", "requester")]),
    ] {
        let notifications = eventually("everyone is notified", async || {
            let notifications = desk.notifications_of(caller).await;
            (notifications.len() >= expected.len()).then_some(notifications)
        })
        .await;
        assert_eq!(notifications, expected, "{}", caller.name);
    }
    assert_eq!(desk.notifications_of(&admin).await, [], "never the actor");
}
