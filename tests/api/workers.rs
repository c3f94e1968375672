//! Notifications still arrive when the processes between a change and its recipients die.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Caller, Desk, eventually};

/// Waits until Ana has this many notifications and returns them.
async fn wait_for_notifications(desk: &Desk, ana: &Caller, count: usize) -> Vec<(String, u64, String)> {
    let mut notifications = eventually("every change reaches the inbox", async || {
        let notifications = desk.notifications_of(ana).await;
        (notifications.len() >= count).then_some(notifications)
    })
    .await;
    notifications.sort_unstable_by_key(|(_, ticket, _)| *ticket);
    notifications
}

#[tokio::test]
async fn every_change_arrives_once_even_if_the_relay_is_killed() {
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
        async move { tina.post_empty(&path).await.expect(200) }
    });
    let (_, killed) = futures_util::join!(join_all(take), instances.hold("workers-relay"));
    killed.unwrap();
    instances.resume("workers-relay").await.unwrap();
    let expected: Vec<_> = numbers.iter().map(|n| ("assigned".to_owned(), *n, "requester".to_owned())).collect();
    assert_eq!(wait_for_notifications(&desk, &ana, 20).await, expected);
    // The next event arrives after all of these, so none came twice in the meantime.
    tina.post(&format!("/v1/tickets/{}/resolve", numbers[19]), json!({"resolution": "R"})).await.expect(200);
    wait_for_notifications(&desk, &ana, 21).await;
    assert_eq!(desk.notifications_of(&ana).await.len(), 21);
}

#[tokio::test]
async fn nothing_is_lost_or_duplicated_if_the_notifier_is_killed() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let tina = desk.technician(&admin, "Tina").await;
    let number = desk.ticket(&ana).await;
    let instances = desk.stack.instances().unwrap();
    instances.hold("workers-notify").await.unwrap();
    let path = format!("/v1/tickets/{number}");
    tina.post_empty(&format!("{path}/assign")).await.expect(200);
    tina.post(&format!("{path}/comments"), json!({"body": "On it."})).await.expect(201);
    assert_eq!(desk.notifications_of(&ana).await, []);
    instances.resume("workers-notify").await.unwrap();
    let rows = wait_for_notifications(&desk, &ana, 2).await;
    let row = |event: &str| (event.to_owned(), number, "requester".to_owned());
    assert_eq!(rows, [row("commented"), row("assigned")]);
}
