//! What is kept when the desk is stopped and started again.

use local::{DatabaseLocation, StackOptions};

use crate::support::{Desk, embedded_only, eventually};

#[tokio::test]
async fn tickets_users_tokens_and_inboxes_survive_a_restart() {
    if embedded_only("it keeps data on disk") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let kept = |options: StackOptions| StackOptions {
        database: DatabaseLocation::Directory { path: directory.path().to_owned(), fresh: false },
        ..options
    };
    let desk = Desk::with(1, kept).await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let tina = desk.technician(&admin, "Tina").await;
    let number = desk.ticket(&ana).await;
    let path = format!("/v1/tickets/{number}");
    tina.post_empty(&format!("{path}/assign")).await.expect(200);
    let notifications = eventually("Ana is notified", async || {
        Some(desk.notifications_of(&ana).await).filter(|notifications| !notifications.is_empty())
    })
    .await;
    let ticket = ana.get(&path).await.expect(200).body;
    desk.stack.stop().await;

    let desk = Desk::with(1, kept).await;
    let (ana, tina) = (desk.anyone().like(&ana), desk.anyone().like(&tina));
    assert_eq!(ana.get(&path).await.expect(200).body, ticket, "with the token from before the restart");
    desk.signed_in(ana.clone()).await;
    // The stream is read again from its beginning, but no notification is repeated.
    tina.post_empty(&format!("{path}/release")).await.expect(200);
    let now = eventually("Ana is notified of the next event", async || {
        Some(desk.notifications_of(&ana).await).filter(|now| now.len() > notifications.len())
    })
    .await;
    assert_eq!(now[1..], notifications);
    assert_eq!(desk.ticket(&ana).await, number + 1, "numbers continue");
}
