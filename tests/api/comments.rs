use serde_json::{Value, json};

use crate::support::Desk;

#[tokio::test]
async fn only_requester_assignee_and_admins_may_comment_and_order_is_kept() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let (tina, tom) = (desk.technician(&admin, "Tina").await, desk.technician(&admin, "Tom").await);
    let path = format!("/v1/tickets/{}", desk.ticket(&ana).await);
    let comments = format!("{path}/comments");
    let say = |text: &str| json!({"body": text});

    ana.post(&comments, say("one")).await.expect(201);
    tom.post(&comments, say("no")).await.expect_problem(403, "forbidden");
    tina.post_empty(&format!("{path}/assign")).await.expect(200);
    tina.post(&comments, say("two")).await.expect(201);
    admin.post(&comments, say("three")).await.expect(201);
    let all = ana.all_pages(&comments, 2).await;
    let said: Vec<(u64, &str)> =
        all.iter().map(|comment| (comment["seq"].as_u64().unwrap(), comment["body"].as_str().unwrap())).collect();
    assert_eq!(said, [(2, "one"), (4, "two"), (5, "three")]);
    assert_eq!(all[1]["author"], json!({"id": tina.id, "name": "Tina", "role": "technician"}));
}

#[tokio::test]
async fn a_comment_of_the_requester_reopens_a_resolved_ticket() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let tina = desk.technician(&admin, "Tina").await;
    let path = format!("/v1/tickets/{}", desk.ticket(&ana).await);
    tina.post_empty(&format!("{path}/assign")).await.expect(200);
    tina.post(&format!("{path}/resolve"), json!({"resolution": "Rebooted."})).await.expect(200);
    tina.post(&format!("{path}/comments"), json!({"body": "Good?"})).await.expect(201);
    assert_eq!(
        ana.get(&path).await.expect(200).body["status"],
        "resolved",
        "the assignee's comment does not reopen it"
    );
    ana.post(&format!("{path}/comments"), json!({"body": "No."})).await.expect(201);
    let ticket = ana.get(&path).await.expect(200).body;
    assert_eq!((&ticket["status"], &ticket["resolution"]), (&json!("in_progress"), &Value::Null));
    assert_eq!(ticket["version"], 6);
}

#[tokio::test]
async fn eight_concurrent_comments_are_all_stored() {
    let desk = Desk::with_instances(4).await;
    let ana = desk.user("Ana").await;
    let comments = format!("/v1/tickets/{}/comments", desk.ticket(&ana).await);
    let said = (0..8).map(|n| ana.post(&comments, json!({"body": format!("comment {n}")})));
    for response in futures_util::future::join_all(said).await {
        response.expect(201);
    }
    let mut seqs: Vec<u64> =
        ana.all_pages(&comments, 100).await.iter().map(|comment| comment["seq"].as_u64().unwrap()).collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (2..=9).collect::<Vec<u64>>(), "numbered without gaps");
}
