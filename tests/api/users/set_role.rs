use serde_json::json;

use crate::support::Desk;

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

    let changed = admin.put(&path, json!({"role": "technician"})).await.expect(200);
    assert_eq!(changed.body["role"], "technician");
    assert_eq!(ana.get("/v1/me").await.expect(200).body["role"], "technician");
}
