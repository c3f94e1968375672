use serde_json::json;

use crate::support::Desk;

#[tokio::test]
async fn signing_out_ends_the_session_and_always_succeeds() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    let body = json!({"refresh_token": ana.refresh_token});
    for _ in 0..2 {
        assert_eq!(desk.anyone().post("/v1/auth/logout", body.clone()).await.expect(204).body, json!(null));
    }
    desk.anyone().post("/v1/auth/refresh", body).await.expect_problem(401, "invalid-token");
    desk.anyone().post("/v1/auth/logout", json!({"refresh_token": "nonsense"})).await.expect(204);
}
