use serde_json::{Value, json};

use crate::support::{Caller, Desk};

/// Returns the refusal without its instance, which is unique.
async fn refusal(caller: &Caller, path: &str) -> Value {
    let mut body = caller.get(path).await.expect_problem(404, "not-found").body;
    body["instance"] = json!(null);
    body
}

#[tokio::test]
async fn another_users_ticket_looks_like_a_missing_one() {
    let desk = Desk::open().await;
    let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
    let number = desk.ticket(&ana).await;
    for suffix in ["", "/comments", "/events", "/timeline"] {
        let hidden = refusal(&bea, &format!("/v1/tickets/{number}{suffix}")).await;
        for missing in ["999", "0", "01", "-1", "x", "1000000000000"] {
            let missing = refusal(&bea, &format!("/v1/tickets/{missing}{suffix}")).await;
            assert_eq!(hidden, missing, "{suffix}");
        }
    }
    let comment = json!({"body": "Let me in."});
    let path = format!("/v1/tickets/{number}");
    bea.post(&format!("{path}/comments"), comment).await.expect_problem(404, "not-found");
    for command in ["assign", "release", "reopen", "close", "withdraw"] {
        bea.post_empty(&format!("{path}/{command}")).await.expect_problem(404, "not-found");
    }
    bea.post(&format!("{path}/resolve"), json!({"resolution": "Done."})).await.expect_problem(404, "not-found");
    assert_eq!(ana.get(&path).await.expect(200).body["version"], 1);
}

#[tokio::test]
async fn staff_see_every_ticket() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let tina = desk.technician(&admin, "Tina").await;
    let ana = desk.user("Ana").await;
    let path = format!("/v1/tickets/{}", desk.ticket(&ana).await);
    for caller in [&admin, &tina] {
        assert_eq!(caller.get(&path).await.expect(200).header("etag"), Some("\"1\""));
    }
}
