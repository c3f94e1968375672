//! What happens between a change and those who should know, when processes die.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Caller, Desk, eventually};

/// Waits until Ana was told of that many things, and gives what they are.
async fn told(desk: &Desk, ana: &Caller, count: usize) -> Vec<(String, u64, String)> {
    let mut told = eventually("every change reaches its inbox", async || {
        let told = desk.told(ana).await;
        (told.len() >= count).then_some(told)
    })
    .await;
    told.sort_unstable_by_key(|(_, ticket, _)| *ticket);
    told
}

#[tokio::test]
async fn with_the_relay_killed_while_tickets_change_every_change_still_arrives_once() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let tina = desk.technician(&admin, "Tina").await;
    let mut numbers = Vec::new();
    for _ in 0..20 {
        numbers.push(desk.ticket(&ana).await);
    }
    let instances = desk.stack.instances().unwrap();
    let take = numbers.iter().map(|number| {
        let (tina, path) = (&tina, format!("/v1/tickets/{number}/assign"));
        async move { tina.post_nothing(&path).await.expect(200) }
    });
    let (_, killed) = futures_util::join!(join_all(take), instances.hold("workers-relay"));
    killed.unwrap();
    instances.resume("workers-relay").await.unwrap();
    let expected: Vec<_> = numbers.iter().map(|n| ("assigned".to_owned(), *n, "requester".to_owned())).collect();
    assert_eq!(told(&desk, &ana, 20).await, expected);
    // What comes after has come after all of it, and nothing came twice meanwhile.
    tina.post(&format!("/v1/tickets/{}/resolve", numbers[19]), json!({"resolution": "R"})).await.expect(200);
    told(&desk, &ana, 21).await;
    assert_eq!(desk.told(&ana).await.len(), 21);
}

#[tokio::test]
async fn with_the_notifier_killed_in_the_middle_nothing_is_lost_and_nothing_doubled() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let tina = desk.technician(&admin, "Tina").await;
    let number = desk.ticket(&ana).await;
    let instances = desk.stack.instances().unwrap();
    instances.hold("workers-notify").await.unwrap();
    let path = format!("/v1/tickets/{number}");
    tina.post_nothing(&format!("{path}/assign")).await.expect(200);
    tina.post(&format!("{path}/comments"), json!({"body": "On it."})).await.expect(201);
    assert_eq!(desk.told(&ana).await, []);
    instances.resume("workers-notify").await.unwrap();
    let rows = told(&desk, &ana, 2).await;
    let row = |event: &str| (event.to_owned(), number, "requester".to_owned());
    assert_eq!(rows, [row("commented"), row("assigned")]);
}
