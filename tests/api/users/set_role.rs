use serde_json::json;

use crate::support::{Desk, assert_unchanged};

#[tokio::test]
async fn only_an_admin_changes_roles_and_never_their_own() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let path = format!("/v1/users/{}/role", ana.id);
    let before = desk.stored().await;
    ana.put(&path, json!({"role": "admin"})).await.expect_problem(403, "forbidden");
    desk.anyone().put(&path, json!({"role": "admin"})).await.expect_problem(401, "unauthenticated");
    admin.put(&path, json!({"role": "boss"})).await.expect_problem(422, "validation-failed");
    let own = format!("/v1/users/{}/role", admin.id);
    admin.put(&own, json!({"role": "user"})).await.expect_problem(409, "not-on-yourself");
    for missing in ["019ab8e0-0000-7000-8000-000000000000", "nobody"] {
        let path = format!("/v1/users/{missing}/role");
        admin.put(&path, json!({"role": "technician"})).await.expect_problem(404, "not-found");
    }
    assert_eq!(desk.stored().await, before);

    admin.put(&path, json!({"role": "user"})).await.expect(200);
    let refresh = json!({"refresh_token": ana.refresh_token});
    desk.anyone().post("/v1/auth/refresh", refresh).await.expect(200);
    let changed = admin.put(&path, json!({"role": "technician"})).await.expect(200);
    assert_eq!(changed.body["role"], "technician");
    assert_eq!(ana.get("/v1/me").await.expect(200).body["role"], "technician");
}

#[tokio::test]
async fn whoever_is_no_admin_any_more_changes_nobody_whatever_their_token_says() {
    let desk = Desk::open().await;
    let (admin, other) = (desk.admin().await, desk.admin().await);
    let ana = desk.user("Ana").await;
    admin.put(&format!("/v1/users/{}/role", other.id), json!({"role": "user"})).await.expect(200);
    let before = desk.stored().await;
    let path = format!("/v1/users/{}", ana.id);
    other.put(&format!("{path}/role"), json!({"role": "admin"})).await.expect_problem(403, "forbidden");
    other
        .send_json(http::Method::PATCH, &path, json!({"email": "x@example.org"}))
        .await
        .expect_problem(403, "forbidden");
    other.send(http::Method::DELETE, &path, &[], Vec::new()).await.expect_problem(403, "forbidden");
    // Not even what is so already, and nothing of their own by an admin's way.
    other.put(&format!("{path}/role"), json!({"role": "user"})).await.expect_problem(403, "forbidden");
    for (path, body) in [(&path, json!({"name": "Ana"})), (&format!("/v1/users/{}", other.id), json!({"name": "Boss"}))]
    {
        other.send_json(http::Method::PATCH, path, body).await.expect_problem(403, "forbidden");
    }
    assert_unchanged(&before, &desk.stored().await, "a change by somebody who is no admin any more");
    // Of two admins who take each other's rights at once, one keeps them.
    let third = desk.admin().await;
    let take = |from: &crate::support::Caller, to: &crate::support::Caller| {
        let (from, path) = (from.clone(), format!("/v1/users/{}", to.id));
        async move { from.send(http::Method::DELETE, &path, &[], Vec::new()).await.status.as_u16() }
    };
    let (one, two) = futures_util::join!(take(&admin, &third), take(&third, &admin));
    assert!([(204, 403), (403, 204)].contains(&(one, two)), "{one} {two}");
}
