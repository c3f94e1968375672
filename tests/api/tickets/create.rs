use serde_json::json;

use crate::support::Desk;

#[tokio::test]
async fn a_ticket_is_stored_exactly_as_sent() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let title = "  <b>it's</b> 'x'; DROP TABLE tickets—🖨  ";
    let description = "first\r\n\tsecond \u{202e}\n{\"$ne\": null} #{7*7} ";
    let body = json!({
        "title": title, "description": description, "priority": "urgent",
        "category": "Printers", "tags": ["printer", "floor 2"]
    });
    let created = ana.post("/v1/tickets", body).await.expect(201).body;
    let kept = ana.get(&format!("/v1/tickets/{}", created["number"])).await.expect(200).body;
    assert_eq!(kept, created);
    assert_eq!(kept["title"], title);
    assert_eq!(kept["description"], description);
    assert_eq!((&kept["priority"], &kept["category"]), (&json!("urgent"), &json!("Printers")));
    assert_eq!(kept["tags"], json!(["printer", "floor 2"]));
    for empty in ["assignee", "resolution", "follow_up_of", "resolved_at", "closed_at"] {
        assert_eq!(kept[empty], json!(null), "{empty}");
    }
}

#[tokio::test]
async fn ticket_numbers_are_consecutive() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let bea = desk.user("Bea").await;
    assert_eq!(desk.ticket(&ana).await, 1);
    assert_eq!(desk.ticket(&bea).await, 2);
    assert_eq!(desk.ticket(&ana).await, 3);
}

#[tokio::test]
async fn only_staff_can_open_tickets_for_others() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
    let tina = desk.technician(&admin, "Tina").await;
    let body = |requester: &str| json!({"title": "VPN", "description": "Down.", "requester_id": requester});

    let opened = tina.post("/v1/tickets", body(&ana.id)).await.expect(201);
    assert_eq!(opened.body["requester"]["id"], ana.id.as_str());
    ana.get(&format!("/v1/tickets/{}", opened.body["number"])).await.expect(200);

    let before = desk.stored().await;
    bea.post("/v1/tickets", body(&ana.id)).await.expect_problem(403, "forbidden");
    let unknown = "019ab8e0-0000-7000-8000-000000000000";
    let problem = tina.post("/v1/tickets", body(unknown)).await.expect_problem(422, "validation-failed");
    assert_eq!(problem.pointers(), ["/requester_id"]);
    let by_address = |address: &str| json!({"title": "VPN", "description": "Down.", "requester_email": address});
    // Who may not open a ticket for others does not learn whether an address has an account.
    for address in [ana.email.as_str(), "nobody@example.org"] {
        bea.post("/v1/tickets", by_address(address)).await.expect_problem(403, "forbidden");
    }
    let problem = tina.post("/v1/tickets", by_address("nobody@example.org")).await;
    assert_eq!(problem.expect_problem(422, "validation-failed").pointers(), ["/requester_email"]);
    assert_eq!(desk.stored().await, before);
    let opened = tina.post("/v1/tickets", by_address(&ana.email.to_uppercase())).await.expect(201);
    assert_eq!(opened.body["requester"]["id"], ana.id.as_str());
    admin.send(http::Method::DELETE, &format!("/v1/users/{}", ana.id), &[], Vec::new()).await.expect(204);
    tina.post("/v1/tickets", by_address(&ana.email)).await.expect_problem(422, "validation-failed");
    bea.post("/v1/tickets", body(&bea.id)).await.expect(201);
}

#[tokio::test]
async fn a_follow_up_must_name_a_closed_ticket_that_the_caller_may_see() {
    let desk = Desk::open().await;
    let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
    let (open, closed) = (desk.ticket(&ana).await, desk.ticket(&ana).await);
    ana.post_empty(&format!("/v1/tickets/{closed}/withdraw")).await.expect(200);
    let body = |number: u64| json!({"title": "Again", "description": "Again.", "follow_up_of": number});

    let follow_up = ana.post("/v1/tickets", body(closed)).await.expect(201);
    assert_eq!(follow_up.body["follow_up_of"], closed);
    for (caller, number) in [(&ana, open), (&ana, 999), (&bea, closed)] {
        let problem = caller.post("/v1/tickets", body(number)).await.expect_problem(422, "validation-failed");
        assert_eq!(problem.pointers(), ["/follow_up_of"]);
    }
}
