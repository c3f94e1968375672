//! The cost of an inbox must not depend on its size.

use domain::id::EventId;
use serde_json::{Value, json};

use super::{Cost, calls_by};
use crate::support::{Caller, Desk, embedded_only, eventually};

/// The sizes of the inboxes that are compared.
const SIZES: [usize; 2] = [10, 1_010];

/// Imports copies of the caller's only notification, dated minutes before it, until the inbox has
/// this size.
async fn fill(desk: &Desk, caller: &Caller, size: usize) {
    let request = json!({
        "TableName": desk.stack.table_name(),
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
        "ExpressionAttributeValues": {":pk": {"S": format!("USER#{}", caller.id)}, ":prefix": {"S": "INBOX#"}},
        "ScanIndexForward": false,
        "Limit": 1,
    });
    let newest = desk.call_dynamodb("Query", &request).await["Items"][0].clone();
    let id: EventId = newest["id"]["S"].as_str().unwrap().parse().unwrap();
    let copy = |place: usize| {
        let at = id.at().plus_milliseconds(-60_000 - i64::try_from(place).unwrap());
        let id = EventId::new(at, edges::clock::id_bytes()).to_string();
        let mut copy = newest.clone();
        copy["id"] = json!({"S": id});
        copy["sk"] = json!({"S": format!("INBOX#{id}")});
        copy
    };
    let copies: Vec<Value> = (1..size).map(copy).collect();
    desk.stack.import(copies.into()).unwrap();
}

#[tokio::test]
async fn reading_all_and_counting_unread_cost_the_same_for_any_inbox_size() {
    if embedded_only("it imports past the stream, and counts units") {
        return;
    }
    let (desk, wire) = Desk::with_wire(1, |_| {}).await;
    let admin = desk.admin().await;
    let tina = desk.technician(&admin, "Tina").await;
    let mut costs: Vec<[(usize, f64, f64); 2]> = Vec::new();
    for size in SIZES {
        let ana = desk.user("Ana").await;
        let number = desk.ticket(&ana).await;
        tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
        eventually("Ana is notified", async || (desk.notifications_of(&ana).await.len() == 1).then_some(())).await;
        fill(&desk, &ana, size).await;
        let unread = ana.get("/v1/notifications/unread-count").await.expect(200).body;
        assert_eq!(unread, json!({"count": size.min(99), "more": size > 99}));
        let cost = |function| {
            let Cost { calls, units } = Cost::of(&calls_by(function, wire.recorded()));
            (calls, units.read, units.write)
        };
        wire.record();
        ana.post_empty("/v1/notifications/read-all").await.expect(204);
        let reading = cost("notifications-mark-all-read");
        assert_eq!((reading.0, reading.1), (1, 0.0), "one write");
        wire.record();
        let unread = ana.get("/v1/notifications/unread-count").await.expect(200).body;
        let counting = cost("notifications-count-unread");
        assert_eq!(unread, json!({"count": 0, "more": false}));
        let all = ana.all_pages("/v1/notifications", 100).await;
        assert!(all.len() == size && all.iter().all(|notification| notification["read_at"].is_string()));
        costs.push([reading, counting]);
    }
    assert_eq!(costs[0], costs[1]);
}
