//! What is kept when the desk is closed and opened again.

use local::{DatabaseLocation, StackOptions};

use crate::support::{Desk, embedded_only, eventually};

#[tokio::test]
async fn tickets_users_tokens_and_what_was_told_are_there_after_a_restart() {
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
    tina.post_nothing(&format!("{path}/assign")).await.expect(200);
    let told = eventually("Ana is told", async || Some(desk.told(&ana).await).filter(|told| !told.is_empty())).await;
    let ticket = ana.get(&path).await.expect(200).body;
    desk.stack.stop().await;

    let desk = Desk::with(1, kept).await;
    let (ana, tina) = (desk.anyone().like(&ana), desk.anyone().like(&tina));
    assert_eq!(ana.get(&path).await.expect(200).body, ticket, "with the token from before");
    desk.signed_in(ana.clone()).await;
    // The stream is read again from its beginning; what was told is not told again.
    tina.post_nothing(&format!("{path}/release")).await.expect(200);
    let now = eventually("Ana is told of what comes after", async || {
        Some(desk.told(&ana).await).filter(|now| now.len() > told.len())
    })
    .await;
    assert_eq!(now[1..], told);
    assert_eq!(desk.ticket(&ana).await, number + 1, "numbers go on");
}
