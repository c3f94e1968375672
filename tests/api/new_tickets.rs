//! New tickets: one item notifies all technicians, and each reads it separately.

use serde_json::{Value, json};

use crate::support::table::partition_begins;
use crate::support::{Caller, Desk, eventually};

const PREFERENCES: &str = "/v1/me/notification-preferences";

/// Returns the notifications of new tickets of a caller, newest first.
async fn new_tickets(caller: &Caller) -> Vec<Value> {
    let mut notifications = caller.all_pages("/v1/notifications", 100).await;
    notifications.retain(|notification| notification["reason"] == "new_ticket");
    notifications
}

/// Waits for the caller's notification of this new ticket and returns it.
async fn notification_of(caller: &Caller, number: u64) -> Value {
    eventually("the technician is notified of the new ticket", async || {
        new_tickets(caller).await.into_iter().find(|notification| notification["event"]["ticket"] == number)
    })
    .await
}

async fn unread(caller: &Caller) -> Value {
    caller.get("/v1/notifications/unread-count").await.expect(200).body["count"].clone()
}

async fn open(caller: &Caller, fields: Value) -> u64 {
    let mut body = json!({"title": "The printer jams", "description": "Every second page."});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    caller.post("/v1/tickets", body).await.expect(201).body["number"].as_u64().unwrap()
}

fn tickets(notifications: &[Value]) -> Vec<u64> {
    notifications.iter().map(|notification| notification["event"]["ticket"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn one_item_notifies_all_technicians_and_each_reads_it_separately() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let (tina, tom) = (desk.technician(&admin, "Tina").await, desk.technician(&admin, "Tom").await);
    let anas = open(&ana, json!({})).await;
    let notification = notification_of(&tina, anas).await;
    assert_eq!((&notification["event"]["type"], &notification["read_at"]), (&json!("opened"), &json!(null)));
    assert_eq!(
        (&notification["event"]["title"], &notification["event"]["actor"]["name"]),
        (&json!("The printer jams"), &json!("Ana"))
    );
    notification_of(&tom, anas).await;
    // The person who opens a ticket is not notified of it, and a technician who is notified
    // individually is not notified twice.
    let for_ana = open(&tina, json!({"requester_id": ana.id})).await;
    let for_tom = open(&admin, json!({"requester_id": tom.id})).await;
    notification_of(&tom, for_ana).await;
    notification_of(&tina, for_tom).await;
    desk.wait_until_idle().await;
    assert_eq!(tickets(&new_tickets(&tina).await), [for_tom, anas]);
    assert_eq!(tickets(&new_tickets(&tom).await), [for_ana, anas]);
    assert_eq!(desk.notifications_of(&tom).await, [("opened".to_owned(), for_tom, "requester".to_owned())]);
    assert_eq!((new_tickets(&ana).await, new_tickets(&admin).await), (Vec::new(), Vec::new()));
    let items = desk.items(|item| partition_begins(item, "NEW_TICKETS")).await;
    assert_eq!(items.len(), 3, "one item for each ticket, however many technicians there are");

    let read = format!("/v1/notifications/{}/read", notification["id"].as_str().unwrap());
    ana.post_empty(&read).await.expect_problem(404, "not-found");
    // Reading it again changes nothing.
    for _ in 0..2 {
        tina.post_empty(&read).await.expect(204);
        assert_eq!((unread(&tina).await, unread(&tom).await), (json!(1), json!(3)));
    }
    let unread_of_tina = tina.all_pages("/v1/notifications?unread=true", 1).await;
    assert_eq!(tickets(&unread_of_tina), [for_tom]);
    assert_eq!(tickets(&new_tickets(&tina).await), [for_tom, anas], "read, and listed once");
    tom.post_empty("/v1/notifications/read-all").await.expect(204);
    assert_eq!((unread(&tina).await, unread(&tom).await), (json!(1), json!(0)));
    assert!(tom.all_pages("/v1/notifications", 2).await.iter().all(|notification| notification["read_at"].is_string()));
}

#[tokio::test]
async fn new_tickets_are_hidden_after_opting_out_or_leaving_the_technicians() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let (tina, tom) = (desk.technician(&admin, "Tina").await, desk.technician(&admin, "Tom").await);
    let number = open(&ana, json!({})).await;
    let notification = notification_of(&tina, number).await;
    notification_of(&tom, number).await;
    tina.put(PREFERENCES, json!({"inbox": {"opened": false}})).await.expect(200);
    assert_eq!((new_tickets(&tina).await, unread(&tina).await), (Vec::new(), json!(0)));
    tina.put(PREFERENCES, json!({})).await.expect(200);
    assert_eq!(new_tickets(&tina).await.len(), 1);

    let read = format!("/v1/notifications/{}/read", notification["id"].as_str().unwrap());
    tom.post_empty(&read).await.expect(204);
    admin.put(&format!("/v1/users/{}/role", tom.id), json!({"role": "user"})).await.expect(200);
    let tom = desk.signed_in(tom).await;
    assert_eq!((new_tickets(&tom).await, unread(&tom).await), (Vec::new(), json!(0)));
    tom.post_empty(&read).await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn a_late_new_ticket_is_unread_even_after_reading_everything() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let instances = desk.stack.instances().unwrap();
    instances.hold("workers-notify").await.unwrap();
    let number = open(&ana, json!({})).await;
    tina.post_empty("/v1/notifications/read-all").await.expect(204);
    instances.resume("workers-notify").await.unwrap();
    let notification = notification_of(&tina, number).await;
    assert_eq!((&notification["read_at"], unread(&tina).await), (&json!(null), json!(1)));
}

#[tokio::test]
async fn technicians_are_mailed_about_urgent_tickets_unless_they_opt_out() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let ana = desk.user("Ana").await;
    let (tina, tom) = (desk.technician(&admin, "Tina").await, desk.technician(&admin, "Tom").await);
    let gone = desk.technician(&admin, "Gone").await;
    admin.send(http::Method::DELETE, &format!("/v1/users/{}", gone.id), &[], Vec::new()).await.expect(204);
    tina.put(PREFERENCES, json!({"language": "pt-BR"})).await.expect(200);
    tom.put(PREFERENCES, json!({"email": {"opened": false}})).await.expect(200);
    let ordinary = open(&ana, json!({"priority": "high"})).await;
    let urgent = open(&ana, json!({"priority": "urgent"})).await;
    // She is notified individually of the ticket opened for her, and mailed once.
    let for_tina = open(&admin, json!({"priority": "urgent", "requester_id": tina.id})).await;
    let mails = eventually("Tina is mailed", async || {
        let mails = desk.mails_to(&tina.email);
        (mails.len() >= 2).then_some(mails)
    })
    .await;
    notification_of(&tom, ordinary).await;
    desk.wait_until_idle().await;
    let of = |number: u64| {
        let subject = format!("[#{number}] ");
        mails
            .iter()
            .filter(|mail| mail.subject.starts_with(&subject))
            .map(|mail| mail.text.as_str())
            .collect::<Vec<_>>()
    };
    assert!(of(urgent).len() == 1 && of(urgent)[0].contains("Ana abriu este chamado urgente."), "{mails:?}");
    assert!(of(for_tina).len() == 1 && of(for_tina)[0].contains("abriu este chamado para você."), "{mails:?}");
    assert_eq!(desk.mails_to(&tina.email).len(), 2);
    for other in [&tom, &gone, &ana, &admin] {
        assert_eq!(desk.mails_to(&other.email).len(), 0, "{}", other.name);
    }
}
