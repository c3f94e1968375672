use serde_json::json;

use crate::support::Desk;

#[tokio::test]
async fn only_one_of_two_technicians_taking_a_ticket_concurrently_gets_it() {
    let desk = Desk::with_instances(2).await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let tina = desk.technician(&admin, "Tina").await;
    let tom = desk.technician(&admin, "Tom").await;
    for _ in 0..5 {
        let path = format!("/v1/tickets/{}", desk.ticket(&ana).await);
        let take = format!("{path}/assign");
        let (by_tina, by_tom) = futures_util::join!(tina.post_empty(&take), tom.post_empty(&take));
        let (winner, won, lost) =
            if by_tina.status == 200 { (&tina, by_tina, by_tom) } else { (&tom, by_tom, by_tina) };
        assert_eq!(won.expect(200).body["assignee"]["id"], winner.id.as_str());
        let lost = lost.expect_problem(409, "invalid-transition");
        assert_eq!(lost.body["allowed"], json!(["update", "note"]));
        let events = ana.get(&format!("{path}/events")).await.expect(200);
        let types: Vec<_> = events.items().iter().map(|event| event["type"].as_str().unwrap()).collect();
        assert_eq!(types, ["opened", "assigned"], "a single entry");
    }
    desk.assert_no_process_died();
}

#[tokio::test]
async fn tickets_are_given_and_handed_over_only_to_technicians() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let tina = desk.technician(&admin, "Tina").await;
    let tom = desk.technician(&admin, "Tom").await;
    let path = format!("/v1/tickets/{}", desk.ticket(&ana).await);
    let assign = format!("{path}/assign");
    let to = |id: &str| json!({"assignee_id": id});

    ana.post_empty(&assign).await.expect_problem(403, "forbidden");
    tina.post(&assign, to(&tom.id)).await.expect_problem(403, "forbidden");
    admin.post(&assign, to(&ana.id)).await.expect_problem(422, "not-a-technician");
    admin.post(&assign, to("019ab8e0-0000-7000-8000-000000000000")).await.expect_problem(422, "not-a-technician");
    admin.post_empty(&assign).await.expect_problem(422, "not-a-technician");
    assert_eq!(admin.post(&assign, to(&tina.id)).await.expect(200).body["version"], 2);
    assert_eq!(admin.post(&assign, to(&tina.id)).await.expect(200).body["version"], 2, "nothing to change");
    tom.post(&assign, to(&tina.id)).await.expect_problem(403, "forbidden");
    let handed = tina.post(&assign, to(&tom.id)).await.expect(200);
    assert_eq!((&handed.body["assignee"]["id"], &handed.body["version"]), (&json!(tom.id), &json!(3)));

    let events = ana.get(&format!("{path}/events")).await.expect(200);
    let last = events.items().last().unwrap();
    assert_eq!(last["type"], "handed_over");
    let person = |caller: &crate::support::Caller| json!({"id": caller.id, "name": caller.name, "role": "technician"});
    let change = json!([{"field": "assignee", "old": person(&tina), "new": person(&tom)}]);
    assert_eq!(last["changes"], change);
}

#[tokio::test]
async fn a_former_technician_cannot_take_a_ticket_with_an_old_token() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let tina = desk.technician(&admin, "Tina").await;
    let path = format!("/v1/tickets/{}/assign", desk.ticket(&ana).await);
    admin.put(&format!("/v1/users/{}/role", tina.id), json!({"role": "user"})).await.expect(200);
    tina.post_empty(&path).await.expect_problem(422, "not-a-technician");
}
