use crate::support::Desk;

#[tokio::test]
async fn only_staff_can_read_accounts() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let tina = desk.technician(&admin, "Tina").await;
    let path = format!("/v1/users/{}", ana.id);
    for path in [&path, "/v1/users/019ab8e0-0000-7000-8000-000000000000"] {
        let refused = ana.get(path).await.expect_problem(403, "forbidden");
        assert_eq!(refused.body["detail"], "Only technicians and admins may do this.");
    }
    for caller in [&admin, &tina] {
        assert_eq!(caller.get(&path).await.expect(200).body["email"], ana.email.as_str());
        for missing in ["019ab8e0-0000-7000-8000-000000000000", "nobody"] {
            caller.get(&format!("/v1/users/{missing}")).await.expect_problem(404, "not-found");
        }
    }
}
