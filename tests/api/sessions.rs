use http::Method;
use serde_json::{Value, json};

use crate::support::{Caller, Desk};

async fn end(caller: &Caller, id: &str) -> crate::support::Response {
    caller.send(Method::DELETE, &format!("/v1/me/sessions/{id}"), &[], Vec::new()).await
}

#[tokio::test]
async fn a_user_lists_their_sessions_and_ends_one() {
    let desk = Desk::open().await.signing_in_over_http();
    let laptop = desk.user("Ana").await;
    let phone = desk.signed_in(laptop.clone()).await;
    let bea = desk.user("Bea").await;
    for limit in 1..=3 {
        let sessions = phone.all_pages("/v1/me/sessions", limit).await;
        let current: Vec<&Value> = sessions.iter().map(|session| &session["current"]).collect();
        assert_eq!(current, [false, true], "oldest first, in pages of {limit}");
    }
    let sessions = phone.get("/v1/me/sessions").await.expect(200);
    assert!(!sessions.body.to_string().contains("hash"));
    let ended = sessions.items()[0]["id"].as_str().unwrap();

    end(&bea, ended).await.expect_problem(404, "not-found");
    end(&phone, "nonsense").await.expect_problem(404, "not-found");
    end(&phone, ended).await.expect(204);
    end(&phone, ended).await.expect_problem(404, "not-found");
    let refresh = |caller: &Caller| json!({"refresh_token": caller.refresh_token});
    desk.anyone().post("/v1/auth/refresh", refresh(&laptop)).await.expect_problem(401, "invalid-token");
    desk.anyone().post("/v1/auth/refresh", refresh(&phone)).await.expect(200);
    assert_eq!(phone.get("/v1/me/sessions").await.expect(200).items().len(), 1);
}
