use crate::support::Desk;

#[tokio::test]
async fn an_admin_reads_any_account_and_nobody_else_does() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let tina = desk.technician(&admin, "Tina").await;
    let path = format!("/v1/users/{}", ana.id);
    assert_eq!(admin.get(&path).await.expect(200).body["email"], ana.email.as_str());
    for caller in [&ana, &tina] {
        caller.get(&path).await.expect_problem(403, "forbidden");
        caller.get("/v1/users/019ab8e0-0000-7000-8000-000000000000").await.expect_problem(403, "forbidden");
    }
    for missing in ["019ab8e0-0000-7000-8000-000000000000", "nobody"] {
        admin.get(&format!("/v1/users/{missing}")).await.expect_problem(404, "not-found");
    }
}
