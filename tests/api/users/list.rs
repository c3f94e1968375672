use serde_json::{Value, json};

use crate::support::Desk;

fn names(items: &[Value]) -> Vec<&str> {
    items.iter().filter_map(|user| user["name"].as_str()).collect()
}

#[tokio::test]
async fn an_admin_lists_all_accounts_and_a_technician_only_technicians() {
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

#[tokio::test]
async fn staff_find_an_account_by_its_address_and_open_a_ticket_for_it() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let by = |email: &str| format!("/v1/users?email={}", email.replace('+', "%2B"));
    for caller in [&tina, &admin] {
        let found = caller.get(&by(&ana.email.to_uppercase())).await.expect(200);
        assert_eq!(names(found.items()), ["Ana"], "addresses are compared case-insensitively");
        assert_eq!(found.body["next_cursor"], Value::Null);
        assert_eq!(caller.get(&by("nobody@example.org")).await.expect(200).items().len(), 0);
        for (role, expected) in [("user", 1), ("technician", 0), ("admin", 0)] {
            let path = format!("{}&role={role}", by(&ana.email));
            assert_eq!(caller.get(&path).await.expect(200).items().len(), expected, "{role}");
        }
        for wrong in ["", "ana", "ana@"] {
            caller.get(&by(wrong)).await.expect_problem(400, "bad-request");
        }
    }
    ana.get(&by(&ana.email)).await.expect_problem(403, "forbidden");
    let found = tina.get(&by(&ana.email)).await.expect(200).items()[0].clone();
    let body = json!({"title": "By phone", "description": "It jams.", "requester_id": found["id"]});
    let ticket = tina.post("/v1/tickets", body).await.expect(201).body;
    assert_eq!(ana.get(&format!("/v1/tickets/{}", ticket["number"])).await.expect(200).body["title"], "By phone");
    // The refusal tells a technician how to find an account.
    let refused = tina.get("/v1/users").await.expect_problem(403, "forbidden");
    assert!(refused.body["detail"].as_str().unwrap().contains("`email`"), "{}", refused.body);
}
