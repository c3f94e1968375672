use serde_json::{Value, json};

use crate::support::Desk;

fn rows(items: &[Value]) -> Vec<String> {
    items
        .iter()
        .map(|item| {
            format!("{} {} {}", item["seq"], item["kind"].as_str().unwrap(), item["type"].as_str().unwrap_or("-"))
        })
        .collect()
}

#[tokio::test]
async fn the_timeline_merges_events_and_comments_in_either_order() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let path = format!("/v1/tickets/{}", desk.ticket(&ana).await);
    ana.post(&format!("{path}/comments"), json!({"body": "Hello?"})).await.expect(201);
    ana.post_empty(&format!("{path}/withdraw")).await.expect(200);
    let mut expected = vec!["1 event opened", "2 comment -", "3 event withdrawn"];
    for limit in 1..=4 {
        assert_eq!(rows(&ana.all_pages(&format!("{path}/timeline"), limit).await), expected);
    }
    expected.reverse();
    for limit in 1..=4 {
        assert_eq!(rows(&ana.all_pages(&format!("{path}/timeline?order=desc"), limit).await), expected);
    }
    ana.get(&format!("{path}/timeline?order=up")).await.expect_problem(400, "bad-request");
}
