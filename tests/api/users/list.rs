use serde_json::Value;

use crate::support::Desk;

fn names(items: &[Value]) -> Vec<&str> {
    items.iter().filter_map(|user| user["name"].as_str()).collect()
}

#[tokio::test]
async fn an_admin_lists_everybody_and_a_technician_only_technicians() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let tina = desk.technician(&admin, "Tina").await;
    let tom = desk.technician(&admin, "Tom").await;

    for limit in 1..=5 {
        let all = admin.all_pages("/v1/users", limit).await;
        assert_eq!(names(&all), ["Ana", "Tina", "Tom", "Admin"], "users, technicians, admins; pages of {limit}");
    }
    let technicians = tom.get("/v1/users?role=technician").await.expect(200);
    assert_eq!(names(technicians.items()), ["Tina", "Tom"]);
    tina.get("/v1/users").await.expect_problem(403, "forbidden");
    tina.get("/v1/users?role=admin").await.expect_problem(403, "forbidden");
    ana.get("/v1/users?role=technician").await.expect_problem(403, "forbidden");
    admin.get("/v1/users?role=boss").await.expect_problem(400, "bad-request");
}
