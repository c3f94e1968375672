//! Messages that cannot be handled block no others, become dead letters, and are redriven after the
//! cause is fixed.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use crate::support::table::{partition_begins, sort_key_begins};
use crate::support::{Desk, eventually};

/// Starts a desk on which an unhandled message comes again after a second.
async fn desk_with_short_visibility() -> Desk {
    Desk::with_wire(1, |options| options.visibility_timeout = Some(Duration::from_secs(1))).await.0
}

async fn redrive(desk: &Desk, queue: &str) -> Value {
    desk.stack.invoke("workers-redrive", &json!({ "queue": queue })).await.unwrap()
}

/// Waits until the dead-letter queue has this many messages.
async fn wait_for_dead_letters(desk: &Desk, queue: &str, count: usize) {
    let url = desk.stack.queue_url(queue).unwrap();
    eventually("the dead letters are counted", async || {
        let request = desk.sqs().get_queue_attributes().queue_url(url);
        let request = request.attribute_names(aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessages);
        let attributes = request.send().await.unwrap().attributes.unwrap();
        (attributes.values().next().unwrap() == &count.to_string()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn one_bad_message_of_ten_is_put_aside_and_can_be_redriven() {
    let desk = desk_with_short_visibility().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let instances = desk.stack.instances().unwrap();
    instances.hold("workers-notify").await.unwrap();
    for _ in 0..9 {
        let number = desk.ticket(&ana).await;
        tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    }
    // The event of a ticket that does not exist.
    let missing = 10;
    let event = json!({
        "specversion": "1.0", "id": "01a20948-124c-7829-8408-793c7669c511", "source": "/helpdesk",
        "type": "helpdesk.ticket.assigned", "subject": format!("tickets/{missing}"), "time": "2026-11-23T16:40:47.948Z",
        "datacontenttype": "application/json", "dataschema": "/schemas/ticket-event/1",
        "data": {
            "ticket": missing, "seq": 2, "actor": {"id": tina.id, "name": "Tina", "role": "technician"},
            "requester_id": ana.id, "assignee_id": tina.id, "former_assignee_id": null,
            "from_status": "open", "to_status": "in_progress",
        },
    });
    let send = desk.sqs().send_message().queue_url(desk.stack.queue_url("EventsQueue").unwrap());
    let send = send.message_body(event.to_string()).message_group_id(missing.to_string());
    send.message_deduplication_id("bad").send().await.unwrap();
    instances.resume("workers-notify").await.unwrap();
    wait_for_dead_letters(&desk, "EventsDeadLetters", 1).await;
    eventually("Ana is notified of the nine", async || (desk.notifications_of(&ana).await.len() == 9).then_some(()))
        .await;
    let refusals = desk.stack.printed_by("workers-notify").into_iter().filter(|line| line.contains("event put aside"));
    assert_eq!(refusals.count(), 1);

    // It still cannot be handled. Redriven, it becomes a dead letter again, perhaps before this
    // call ends, and no one is notified.
    let redriven = redrive(&desk, "events").await;
    assert_eq!((&redriven["moved"], &redriven["complete"]), (&json!(1), &json!(true)), "{redriven}");
    wait_for_dead_letters(&desk, "EventsDeadLetters", 1).await;
    assert_eq!(desk.ticket(&ana).await, missing);
    ana.post_empty("/v1/notifications/read-all").await.expect(204);
    assert_eq!(ana.get("/v1/notifications/unread-count").await.expect(200).body["count"], 0);
    assert_eq!(redrive(&desk, "events").await["moved"], 1);
    let bad = ("assigned".to_owned(), missing, "requester".to_owned());
    eventually("Ana is notified", async || desk.notifications_of(&ana).await.contains(&bad).then_some(())).await;
    assert_eq!(desk.notifications_of(&ana).await.len(), 10);
    // It arrives after Ana read everything, although it happened before.
    assert_eq!(ana.get("/v1/notifications/unread-count").await.expect(200).body["count"], 1);
    let unread = ana.all_pages("/v1/notifications?unread=true", 1).await;
    assert_eq!((unread.len(), &unread[0]["event"]["ticket"]), (1, &json!(missing)));
    assert_eq!(redrive(&desk, "events").await, json!({"moved": 0, "kept": 0, "complete": true, "reasons": []}));
    desk.assert_no_process_died();
}

#[tokio::test]
async fn an_unreadable_item_is_put_aside_and_relayed_after_a_redrive() {
    let desk = desk_with_short_visibility().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    let path = format!("/v1/tickets/{number}");
    let instances = desk.stack.instances().unwrap();
    instances.hold("workers-relay").await.unwrap();
    tina.post_empty(&format!("{path}/assign")).await.expect(200);
    let second = |item: &crate::support::table::Item| {
        partition_begins(item, &format!("TICKET#{number}")) && sort_key_begins(item, "LOG#0000000002")
    };
    let readable = desk.items(second).await.remove(0);
    // The stream has the item as it was written, so it is deleted and put back in an unreadable
    // form.
    let mut bad = readable.clone();
    bad.insert("hash".to_owned(), AttributeValue::S("nonsense".to_owned()));
    desk.delete(&readable).await;
    desk.put(bad).await;
    instances.resume("workers-relay").await.unwrap();
    wait_for_dead_letters(&desk, "RelayDeadLetters", 1).await;
    let refused = redrive(&desk, "relay").await;
    assert_eq!((&refused["moved"], &refused["kept"]), (&json!(0), &json!(1)), "{refused}");
    desk.put(readable).await;
    assert_eq!(redrive(&desk, "relay").await, json!({"moved": 1, "kept": 0, "complete": true, "reasons": []}));
    let taken = ("assigned".to_owned(), number, "requester".to_owned());
    eventually("Ana is notified", async || desk.notifications_of(&ana).await.contains(&taken).then_some(())).await;
    assert_eq!(desk.notifications_of(&ana).await.len(), 1);
}

#[tokio::test]
async fn a_mail_that_ses_rejects_is_put_aside_and_later_ones_are_sent() {
    let desk = desk_with_short_visibility().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    let profile = |item: &crate::support::table::Item| {
        partition_begins(item, &format!("USER#{}", ana.id)) && sort_key_begins(item, "PROFILE")
    };
    desk.set(profile, "email", AttributeValue::S("b\u{fc}cher@example.org".to_owned())).await;
    tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    wait_for_dead_letters(&desk, "EmailDeadLetters", 1).await;
    desk.set(profile, "email", AttributeValue::S(ana.email.clone())).await;
    tina.post(&format!("/v1/tickets/{number}/comments"), json!({"body": "On my way."})).await.expect(201);
    eventually("the later mail is sent", async || (desk.mails_to(&ana.email).len() == 1).then_some(())).await;
    assert_eq!(redrive(&desk, "email").await, json!({"moved": 1, "kept": 0, "complete": true, "reasons": []}));
    eventually("the mail is sent", async || (desk.mails_to(&ana.email).len() == 2).then_some(())).await;
    assert_eq!(desk.notifications_of(&ana).await.len(), 2);
}
