//! Webhooks as their receivers see them: Standard Webhooks 1.0.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Caller, Desk, Reaction, Received, Receiver, eventually};

/// Creates a webhook to the receiver and returns its path and its secret.
async fn webhook(admin: &Caller, receiver: &Receiver, events: &[&str]) -> (String, String) {
    let made = admin.post("/v1/webhooks", json!({"url": receiver.url, "events": events})).await.expect(201);
    let text = |name: &str| made.body[name].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), Some(format!("/v1/webhooks/{}", text("id")).as_str()));
    (format!("/v1/webhooks/{}", text("id")), text("secret"))
}

/// Waits until the receiver has this many requests and returns them.
async fn received(receiver: &Receiver, count: usize) -> Vec<Received> {
    eventually("the events are posted", async || {
        let requests = receiver.received();
        (requests.len() >= count).then_some(requests)
    })
    .await
}

/// Waits until the newest delivery to a webhook meets the condition and returns it.
async fn delivery(admin: &Caller, webhook: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    eventually("the delivery is kept", async || {
        let page = admin.get(&format!("{webhook}/deliveries")).await.expect(200);
        page.items().first().filter(|delivery| wanted(delivery)).cloned()
    })
    .await
}

#[tokio::test]
async fn an_event_is_posted_signed_and_without_internal_data() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let (all, closings) = (Receiver::open(), Receiver::open());
    let (path, secret) = webhook(&admin, &all, &[]).await;
    webhook(&admin, &closings, &["closed", "withdrawn"]).await;
    let number = desk.ticket(&ana).await;
    let ticket = format!("/v1/tickets/{number}");
    tina.post(&format!("{ticket}/notes"), json!({"body": "Between us."})).await.expect(201);
    ana.post_empty(&format!("{ticket}/withdraw")).await.expect(200);
    let mut posted = received(&all, 2).await;
    posted.sort_by_key(|request| request.json()["data"]["seq"].as_u64());
    let types: Vec<Value> = posted.iter().map(|request| request.json()["type"].clone()).collect();
    assert_eq!(types, ["helpdesk.ticket.opened", "helpdesk.ticket.withdrawn"]);
    for request in &posted {
        assert_eq!(request.signatures_by(&secret), 1);
        assert_eq!(request.header("content-type"), "application/json");
        assert_eq!(request.json()["id"], request.header("webhook-id"));
        assert!(!request.body.contains("Between us.") && !request.body.contains("printer"), "{}", request.body);
    }
    assert_eq!(received(&closings, 1).await[0].json()["type"], "helpdesk.ticket.withdrawn");
    let kept = delivery(&admin, &path, |delivery| delivery["state"] == "delivered").await;
    assert_eq!(kept["attempts"][0]["status"], 204);
    assert_eq!(all.received().len(), 2, "a note is not posted");
    let shown = admin.get(&path).await.expect(200).body;
    assert!(shown.get("secret").is_none() && shown["enabled"] == true, "{shown}");
}

#[tokio::test]
async fn a_webhook_can_be_pinged_redelivered_to_and_its_secret_rotated() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let receiver = Receiver::open();
    let (path, old) = webhook(&admin, &receiver, &["closed"]).await;
    let pinged = admin.post_empty(&format!("{path}/ping")).await.expect(202).body;
    let ping = received(&receiver, 1).await.remove(0);
    assert_eq!((&ping.json()["type"], &ping.json()["id"]), (&json!("helpdesk.webhook.ping"), &pinged["id"]));
    delivery(&admin, &path, |delivery| delivery["state"] == "delivered").await;

    let rotated = admin.post_empty(&format!("{path}/rotate-secret")).await.expect(200).body;
    let new = rotated["secret"].as_str().unwrap();
    assert_ne!(new, old);
    let replay = format!("{path}/deliveries/{}/replay", pinged["id"].as_str().unwrap());
    admin.post_empty(&replay).await.expect(202);
    let again = received(&receiver, 2).await.remove(1);
    assert_eq!((&again.body, again.header("webhook-id")), (&ping.body, ping.header("webhook-id")));
    assert_eq!((again.signatures_by(new), again.signatures_by(&old)), (1, 1), "both sign for a day");
    delivery(&admin, &path, |delivery| delivery["attempts"].as_array().unwrap().len() == 2).await;

    admin
        .post_empty(&format!("{path}/deliveries/{}/replay", "019ab8e0-0000-7000-8000-000000000000"))
        .await
        .expect_problem(404, "not-found");
    admin.send(http::Method::DELETE, &path, &[], Vec::new()).await.expect(204);
    admin.post_empty(&replay).await.expect_problem(404, "not-found");
    admin.get(&path).await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn concurrent_creations_never_exceed_the_limit_of_webhooks() {
    let desk = Desk::with_instances(8).await;
    let admin = desk.admin().await;
    let body = |number: usize| json!({"url": format!("https://example.org/{number}")});
    let mut paths = Vec::new();
    for number in 0..49 {
        let made = admin.post("/v1/webhooks", body(number)).await.expect(201);
        paths.push(made.header("location").unwrap().to_owned());
    }
    let at_once = async || {
        let responses = join_all((0..16).map(|number| admin.post("/v1/webhooks", body(100 + number)))).await;
        let (made, refused): (Vec<_>, Vec<_>) = responses.into_iter().partition(|response| response.status == 201);
        for response in refused {
            let problem = response.expect_problem(422, "validation-failed");
            assert!(problem.body["errors"][0]["detail"].as_str().unwrap().contains("50"), "{}", problem.body);
        }
        assert_eq!(admin.all_pages("/v1/webhooks", 100).await.len(), 50);
        made.len()
    };
    assert_eq!(at_once().await, 1);
    // Removed webhooks make room for as many new ones.
    for path in paths.drain(..3) {
        admin.send(http::Method::DELETE, &path, &[], Vec::new()).await.expect(204);
    }
    assert_eq!(at_once().await, 3);
}

#[tokio::test]
async fn a_failing_receiver_is_retried_and_gets_each_event_once() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let receiver = Receiver::open();
    let (path, _) = webhook(&admin, &receiver, &[]).await;
    receiver.react(Reaction::HangUp);
    desk.ticket(&ana).await;
    let failed = delivery(&admin, &path, |delivery| delivery["attempts"][0]["error"].is_string()).await;
    assert_eq!((&failed["state"], &failed["attempts"][0]["status"]), (&json!("pending"), &json!(null)));
    assert!(failed["next_attempt_at"].is_string());
    // The delivery is stored before its webhook.
    eventually("the webhook is failing", async || {
        admin.get(&path).await.expect(200).body["failing_since"].is_string().then_some(())
    })
    .await;
    receiver.react(Reaction::Answer(200, ""));
    // The second attempt comes after five seconds, as in the standard's schedule.
    let done = delivery(&admin, &path, |delivery| delivery["state"] == "delivered").await;
    assert_eq!(done["attempts"].as_array().unwrap().len(), 2);
    let ids: Vec<String> = receiver.received().iter().map(|request| request.header("webhook-id").to_owned()).collect();
    assert_eq!(ids[0], ids[1], "the receiver can recognise the duplicate");
    eventually("the webhook is no longer failing", async || {
        admin.get(&path).await.expect(200).body["failing_since"].is_null().then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_webhook_that_answers_410_is_disabled_and_admins_are_notified() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let receiver = Receiver::open();
    let (path, _) = webhook(&admin, &receiver, &[]).await;
    receiver.react(Reaction::Answer(410, ""));
    desk.ticket(&ana).await;
    eventually("the webhook is disabled", async || {
        let webhook = admin.get(&path).await.expect(200).body;
        (webhook["disabled_because"] == "gone").then_some(())
    })
    .await;
    let notifications = eventually("the admin is notified", async || {
        let notifications = admin.all_pages("/v1/notifications", 10).await;
        (!notifications.is_empty()).then_some(notifications)
    })
    .await;
    assert_eq!(notifications.len(), 1);
    assert_eq!(
        [
            &notifications[0]["event"]["type"],
            &notifications[0]["event"]["ticket"],
            &notifications[0]["event"]["title"],
            &notifications[0]["reason"]
        ],
        [&json!("webhook_disabled"), &json!(null), &json!("127.0.0.1"), &json!("admin")]
    );
    let before = receiver.received().len();
    receiver.react(Reaction::Answer(204, ""));
    let missed = desk.ticket(&ana).await;
    tina.post_empty(&format!("/v1/tickets/{missed}/assign")).await.expect(200);
    eventually("Ana is notified", async || (!desk.notifications_of(&ana).await.is_empty()).then_some(())).await;
    desk.wait_until_idle().await;
    admin.send_json(http::Method::PATCH, &path, json!({"enabled": true})).await.expect(200);
    let number = desk.ticket(&ana).await;
    let posted = received(&receiver, before + 1).await;
    assert_eq!(posted.len(), before + 1);
    assert_eq!(
        posted[before].json()["data"]["ticket"],
        number,
        "events during the time when it was disabled are not posted"
    );
}

#[tokio::test]
async fn an_invalid_webhook_url_is_refused_with_the_reason() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    for (url, reason) in [
        ("https://10.0.0.1/hook", "public internet"),
        ("https://169.254.169.254/latest/meta-data/", "public internet"),
        ("http://example.org/hook", "https://"),
        ("ftp://example.org/", "https://"),
        ("https://ana:secret@example.org/", "password"),
        ("nonsense", "such as"),
    ] {
        let problem = admin.post("/v1/webhooks", json!({ "url": url })).await;
        let problem = problem.expect_problem(422, "validation-failed");
        assert_eq!(problem.pointers(), ["/url"]);
        assert!(problem.body["errors"][0]["detail"].as_str().unwrap().contains(reason), "{url}: {}", problem.body);
    }
    let problem = admin.post("/v1/webhooks", json!({"url": "https://example.org/", "events": ["noted"], "x": 1})).await;
    assert_eq!(problem.expect_problem(422, "validation-failed").pointers(), ["/events/0", "/x"]);
}
