//! Notification preferences.

use serde_json::{Value, json};

use crate::support::{Caller, Desk, eventually};

const PATH: &str = "/v1/me/notification-preferences";

/// Makes Tina cause a notification of Ana that no preference suppresses, and waits for it, so that
/// earlier events have been handled.
async fn wait_for_earlier_events(desk: &Desk, ana: &Caller, tina: &Caller) {
    let number = desk.ticket(ana).await;
    tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    let taken = ("assigned".to_owned(), number, "requester".to_owned());
    eventually("Ana is notified", async || desk.notifications_of(ana).await.contains(&taken).then_some(())).await;
    let subject = format!("[#{number}] ");
    eventually("Ana is mailed", async || {
        desk.mails_to(&ana.email).iter().any(|mail| mail.subject.starts_with(&subject)).then_some(())
    })
    .await;
    // Tickets are handled independently, so messages of other tickets may still be in flight.
    desk.wait_until_idle().await;
}

#[tokio::test]
async fn the_default_preferences_want_everything_and_a_choice_is_kept() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let usual = ana.get(PATH).await.expect(200).body;
    assert_eq!(usual["language"], "en");
    for channel in ["inbox", "email"] {
        let choices = usual[channel].as_object().unwrap();
        assert!(choices.len() == 11 && choices.values().all(|wanted| *wanted == true), "{choices:?}");
    }
    let body = json!({"language": "pt-BR", "email": {"updated": false, "closed": true}, "inbox": {"commented": false}});
    let chosen = ana.put(PATH, body).await.expect(200).body;
    assert_eq!(ana.get(PATH).await.expect(200).body, chosen);
    let value = |channel: &str, name: &str| chosen[channel][name].clone();
    assert_eq!(
        [&chosen["language"], &value("email", "updated"), &value("email", "closed"), &value("inbox", "commented")],
        [&json!("pt-BR"), &json!(false), &json!(true), &json!(false)]
    );
    // Preferences that are not named are wanted, because PUT replaces them all.
    assert_eq!(ana.put(PATH, json!({})).await.expect(200).body, usual);
    let problem = ana.put(PATH, json!({"email": {"jammed": false, "closed": 1}, "language": "de"})).await;
    let problem = problem.expect_problem(422, "validation-failed");
    assert_eq!(problem.pointers(), ["/language", "/email/closed", "/email/jammed"]);
}

#[tokio::test]
async fn an_event_switched_off_for_a_channel_is_not_sent_over_it() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    ana.put(PATH, json!({"email": {"commented": false}, "inbox": {"resolved": false}})).await.expect(200);
    let number = desk.ticket(&ana).await;
    let path = format!("/v1/tickets/{number}");
    tina.post_empty(&format!("{path}/assign")).await.expect(200);
    tina.post(&format!("{path}/comments"), json!({"body": "On my way."})).await.expect(201);
    tina.post(&format!("{path}/resolve"), json!({"resolution": "New drum."})).await.expect(200);
    wait_for_earlier_events(&desk, &ana, &tina).await;
    let of_ticket = |notifications: Vec<(String, u64, String)>| -> Vec<String> {
        notifications.into_iter().filter(|(_, ticket, _)| *ticket == number).map(|(event, _, _)| event).collect()
    };
    assert_eq!(of_ticket(desk.notifications_of(&ana).await), ["commented", "assigned"]);
    let texts: Vec<String> = desk.mails_to(&ana.email).into_iter().map(|mail| mail.text).collect();
    assert!(texts.iter().any(|text| text.contains("New drum.")), "{texts:?}");
    assert!(texts.iter().all(|text| !text.contains("On my way.")), "{texts:?}");
}

#[tokio::test]
async fn everything_can_be_read_at_once_and_unread_items_are_counted() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let unread = async || ana.get("/v1/notifications/unread-count").await.expect(200).body;
    assert_eq!(unread().await, json!({"count": 0, "more": false}));
    for _ in 0..3 {
        let number = desk.ticket(&ana).await;
        tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    }
    eventually("Ana is notified", async || (unread().await["count"] == 3).then_some(())).await;
    let first = ana.get("/v1/notifications").await.expect(200).items()[0]["id"].as_str().unwrap().to_owned();
    ana.post_empty(&format!("/v1/notifications/{first}/read")).await.expect(204);
    assert_eq!(unread().await["count"], 2);
    ana.post_empty("/v1/notifications/read-all").await.expect(204);
    assert_eq!(unread().await["count"], 0);
    let all = ana.all_pages("/v1/notifications", 2).await;
    assert!(all.len() == 3 && all.iter().all(|notification| notification["read_at"].is_string()));
    ana.post_empty("/v1/notifications/read-all").await.expect(204);
    let later = ana.all_pages("/v1/notifications", 2).await;
    let read_at = |notifications: &[Value]| {
        notifications
            .iter()
            .map(|notification| notification["read_at"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let (before, after) = (read_at(&all), read_at(&later));
    assert_eq!(before[0], after[0], "read individually before");
    assert!(before[1] == before[2] && after[1] == after[2] && after[1] > before[1], "{before:?} {after:?}");
    // Choosing preferences does not change what the recipient has read.
    ana.put(PATH, json!({"language": "pt-BR"})).await.expect(200);
    assert_eq!(ana.all_pages("/v1/notifications", 2).await, later);
    let _nothing: Value = tina.get("/v1/notifications/unread-count").await.expect(200).body;
}
