use serde_json::json;

use crate::support::Desk;

#[tokio::test]
async fn events_are_numbered_chained_and_separate_from_comments() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let path = format!("/v1/tickets/{}", desk.ticket(&ana).await);
    ana.post(&format!("{path}/comments"), json!({"body": "Hello?"})).await.expect(201);
    ana.post_empty(&format!("{path}/withdraw")).await.expect(200);
    let events = ana.all_pages(&format!("{path}/events"), 1).await;
    assert_eq!(events.len(), 2);
    assert_eq!((&events[0]["type"], &events[0]["seq"]), (&json!("opened"), &json!(1)));
    assert_eq!((&events[1]["type"], &events[1]["seq"]), (&json!("withdrawn"), &json!(3)));
    let fields: Vec<&str> =
        events[0]["changes"].as_array().unwrap().iter().map(|change| change["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["title", "description", "priority", "requester"]);
    for event in &events {
        assert_eq!(event["hash"].as_str().unwrap().len(), 64);
        assert!(event.get("salt").is_none() && event.get("previous_hash").is_none(), "{event}");
    }
}
