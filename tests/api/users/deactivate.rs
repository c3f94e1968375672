use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::support::{Caller, Desk, Forged, Response, assert_unchanged, eventually};

async fn deactivate(admin: &Caller, user: &Caller) -> Response {
    admin.send(Method::DELETE, &format!("/v1/users/{}", user.id), &[], Vec::new()).await
}

/// Returns the events of a ticket as (type, actor, reason).
async fn events(caller: &Caller, number: u64) -> Vec<(Value, Value, Value)> {
    let events = caller.all_pages(&format!("/v1/tickets/{number}/events"), 100).await;
    let row = |event: &Value| (event["type"].clone(), event["actor"]["name"].clone(), event["reason"].clone());
    events.iter().map(row).collect()
}

async fn status(caller: &Caller, number: u64) -> Value {
    caller.get(&format!("/v1/tickets/{number}")).await.expect(200).body["status"].clone()
}

#[tokio::test]
async fn a_deactivated_user_is_signed_out_but_their_history_stays() {
    let desk = Desk::open().await.signing_in_over_http();
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let number = desk.ticket(&ana).await;
    deactivate(&admin, &ana).await.expect(204);
    let refresh = json!({"refresh_token": ana.refresh_token});
    desk.anyone().post("/v1/auth/refresh", refresh).await.expect_problem(401, "invalid-token");
    let sign_in = json!({"email": ana.email, "password": "correct horse battery"});
    desk.anyone().post("/v1/auth/login", sign_in).await.expect_problem(401, "invalid-credentials");
    let user = admin.get(&format!("/v1/users/{}", ana.id)).await.expect(200).body;
    assert_eq!((&user["active"], &user["name"]), (&json!(false), &json!("Ana")));
    let ticket = admin.get(&format!("/v1/tickets/{number}")).await.expect(200).body;
    assert_eq!(ticket["requester"]["name"], "Ana");

    let before = desk.stored().await;
    // Her access token is valid for a while, but does not allow changes to the account.
    let renaming = ana.send_json(Method::PATCH, "/v1/me", json!({"name": "Anna"})).await;
    renaming.expect_problem(403, "forbidden");
    let body = json!({"current_password": "correct horse battery", "new_password": "another horse battery"});
    ana.post("/v1/me/password", body).await.expect_problem(403, "forbidden");
    let choosing = ana.put("/v1/me/notification-preferences", json!({"email": {"opened": false}})).await;
    choosing.expect_problem(403, "forbidden");
    deactivate(&admin, &ana).await.expect(204);
    deactivate(&admin, &admin).await.expect_problem(409, "not-on-yourself");
    assert_unchanged(&before, &desk.stored().await, "a repeated deactivation");
    let tina = desk.technician(&admin, "Tina").await;
    let assign = format!("/v1/tickets/{number}/assign");
    deactivate(&admin, &tina).await.expect(204);
    let body = json!({"assignee_id": tina.id});
    admin.post(&assign, body).await.expect_problem(422, "not-a-technician");
}

#[tokio::test]
async fn the_tickets_of_a_former_technician_return_to_the_ticket_queue() {
    let desk = Desk::open().await.signing_in_over_http();
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    for demote in [false, true] {
        let tina = desk.technician(&admin, "Tina").await;
        let numbers = [desk.ticket(&ana).await, desk.ticket(&ana).await];
        for number in numbers {
            tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
        }
        let resolve = format!("/v1/tickets/{}/resolve", numbers[1]);
        tina.post(&resolve, json!({"resolution": "Done."})).await.expect(200);
        if demote {
            admin.put(&format!("/v1/users/{}/role", tina.id), json!({"role": "user"})).await.expect(200);
        } else {
            deactivate(&admin, &tina).await.expect(204);
        }
        eventually("the ticket is released", async || (status(&ana, numbers[0]).await == "open").then_some(())).await;
        let last = events(&ana, numbers[0]).await.pop().unwrap();
        let reason = json!("Its assignee is no active technician any more.");
        assert_eq!(last, (json!("released"), json!("Admin"), reason));
        assert_eq!(status(&ana, numbers[1]).await, "resolved", "a resolved ticket stays resolved");
        // When it is reopened, by a command or by a comment, it goes to the ticket queue.
        let path = format!("/v1/tickets/{}", numbers[1]);
        if demote {
            ana.post_empty(&format!("{path}/reopen")).await.expect(200);
        } else {
            ana.post(&format!("{path}/comments"), json!({"body": "It jams again."})).await.expect(201);
        }
        let reopened = ana.get(&path).await.expect(200).body;
        assert_eq!((&reopened["status"], &reopened["assignee"]), (&json!("open"), &json!(null)));
        assert_eq!(ana.get(&format!("{path}/verify")).await.expect(200).body["intact"], true);
    }
}

#[tokio::test]
async fn a_reactivated_technician_keeps_the_tickets_that_they_take_then() {
    let desk = Desk::open().await.signing_in_over_http();
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    let assign = format!("/v1/tickets/{number}/assign");
    tina.post_empty(&assign).await.expect(200);
    deactivate(&admin, &tina).await.expect(204);
    eventually("the ticket is released", async || (status(&ana, number).await == "open").then_some(())).await;
    // The worker looks again a second later, because the index may lag.
    let account = format!("/v1/users/{}", tina.id);
    admin.send_json(Method::PATCH, &account, json!({"active": true})).await.expect(200);
    admin.post(&assign, json!({"assignee_id": tina.id})).await.expect(200);
    desk.wait_until_idle().await;
    let types: Vec<Value> = events(&ana, number).await.into_iter().map(|(event, _, _)| event).collect();
    assert_eq!(types, ["opened", "assigned", "released", "assigned"]);
}

#[tokio::test]
async fn a_demoted_technician_loses_all_staff_permissions() {
    let desk = Desk::open().await.signing_in_over_http();
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    tina.get(&format!("/v1/tickets/{number}")).await.expect(200);
    admin.put(&format!("/v1/users/{}/role", tina.id), json!({"role": "user"})).await.expect(200);
    // Her current token is the last with the role of a technician, and is valid for at most ten
    // minutes.
    let refresh = json!({"refresh_token": tina.refresh_token});
    desk.anyone().post("/v1/auth/refresh", refresh).await.expect_problem(401, "invalid-token");
    let token = Forged::like(tina.access_token.as_deref().unwrap());
    let ten_minutes_later = ["iat", "nbf", "exp"].into_iter().fold(token, |token, name| {
        let moved = token.claims[name].as_i64().unwrap() - 600;
        token.with_claim(name, moved)
    });
    let later = tina.with_token(ten_minutes_later.signed_with(desk.stack.signing_key()));
    for path in [format!("/v1/tickets/{number}"), "/v1/users?role=technician".to_owned()] {
        later.get(&path).await.expect_problem(401, "invalid-token");
    }
    let tina = desk.signed_in(tina).await;
    for path in [format!("/v1/tickets/{number}"), format!("/v1/tickets/{number}/timeline")] {
        tina.get(&path).await.expect_problem(404, "not-found");
    }
    tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect_problem(404, "not-found");
    tina.get("/v1/users?role=technician").await.expect_problem(403, "forbidden");
    assert_eq!(tina.get("/v1/tickets").await.expect(200).items().len(), 0);
}

#[tokio::test]
async fn every_ticket_is_released_once_even_if_the_worker_is_killed_midway() {
    let desk = Desk::with_wire(1, |options| options.visibility_timeout = Some(Duration::from_secs(10))).await.0;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let tina = desk.technician(&admin, "Tina").await;
    let mut numbers = Vec::new();
    for _ in 0..60 {
        let number = desk.ticket(&ana).await;
        tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
        numbers.push(number);
    }
    let released = async || {
        let open = ana.all_pages("/v1/tickets?status=open", 100).await;
        open.len()
    };
    let instances = desk.stack.instances().unwrap();
    deactivate(&admin, &tina).await.expect(204);
    eventually("the worker has started", async || (released().await > 0).then_some(())).await;
    instances.hold("workers-accounts").await.unwrap();
    assert!(released().await < numbers.len(), "the worker finished before it was killed: use more tickets");
    instances.resume("workers-accounts").await.unwrap();
    eventually("every ticket is released", async || (released().await == numbers.len()).then_some(())).await;
    for number in numbers {
        let types: Vec<Value> = events(&ana, number).await.into_iter().map(|(event, _, _)| event).collect();
        assert_eq!(types, ["opened", "assigned", "released"], "ticket {number}");
    }
}
