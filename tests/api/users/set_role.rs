use http::Method;
use serde_json::json;
use support::wire::{Fate, Service};

use crate::support::{Desk, assert_unchanged, eventually};

#[tokio::test]
async fn only_an_admin_can_change_roles_but_not_their_own() {
    let desk = Desk::open().await.signing_in_over_http();
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
async fn a_former_admin_cannot_change_users_even_with_a_valid_token() {
    let desk = Desk::open().await.signing_in_over_http();
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
    // Not even changes without effect, or to their own account through the admin routes.
    other.put(&format!("{path}/role"), json!({"role": "user"})).await.expect_problem(403, "forbidden");
    for (path, body) in [(&path, json!({"name": "Ana"})), (&format!("/v1/users/{}", other.id), json!({"name": "Boss"}))]
    {
        other.send_json(http::Method::PATCH, path, body).await.expect_problem(403, "forbidden");
    }
    assert_unchanged(&before, &desk.stored().await, "a change by a former admin");
    // If two admins deactivate each other at once, one of them stays.
    let third = desk.admin().await;
    let take = |from: &crate::support::Caller, to: &crate::support::Caller| {
        let (from, path) = (from.clone(), format!("/v1/users/{}", to.id));
        async move { from.send(http::Method::DELETE, &path, &[], Vec::new()).await.status.as_u16() }
    };
    let (one, two) = futures_util::join!(take(&admin, &third), take(&third, &admin));
    assert!([(204, 403), (403, 204)].contains(&(one, two)), "{one} {two}");
}

/// A mail may fail for a day, and nothing else of its account waits for it.
#[tokio::test]
async fn a_former_technician_keeps_no_ticket_while_a_mail_about_their_account_fails() {
    let (desk, wire) = Desk::with_wire(1, |_| {}).await;
    let admin = desk.admin().await;
    let tina = desk.technician(&admin, "Tina").await;
    let path = format!("/v1/tickets/{}", desk.ticket(&tina).await);
    tina.post_empty(&format!("{path}/assign")).await.expect(200);
    wire.disturb(|call| if call.service == Service::Ses { Fate::Throttle } else { Fate::Pass });
    let user = format!("/v1/users/{}", tina.id);
    admin.send_json(Method::PATCH, &user, json!({"email": "tina@example.net"})).await.expect(200);
    admin.put(&format!("{user}/role"), json!({"role": "user"})).await.expect(200);
    eventually("the ticket is released", async || {
        (admin.get(&path).await.expect(200).body["status"] == "open").then_some(())
    })
    .await;
    wire.calm();
}
