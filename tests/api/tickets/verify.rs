use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use crate::support::table::{Item, partition_begins, sort_key_begins};
use crate::support::{Caller, Desk};

/// Opens a ticket with a log entry of almost every kind.
async fn ticket_with_history(desk: &Desk, ana: &Caller, tina: &Caller) -> u64 {
    let number = desk.ticket(ana).await;
    let path = format!("/v1/tickets/{number}");
    tina.post_empty(&format!("{path}/assign")).await.expect(200);
    ana.post(&format!("{path}/comments"), json!({"body": "Still jams."})).await.expect(201);
    tina.post(&format!("{path}/resolve"), json!({"resolution": "Toner."})).await.expect(200);
    number
}

async fn verify(caller: &Caller, number: u64) -> Value {
    caller.get(&format!("/v1/tickets/{number}/verify")).await.expect(200).body
}

/// Returns variants of an item: each attribute changed or removed, and one attribute added.
fn tampered(item: &Item) -> Vec<(String, Item)> {
    let mut all = Vec::new();
    for (name, value) in item.iter().filter(|(name, _)| !["pk", "sk", "trace"].contains(&name.as_str())) {
        let others = match value {
            AttributeValue::S(text) => {
                let mut bytes = text.clone().into_bytes();
                let last = bytes.len() - 1;
                bytes[last] = if bytes[last] == b'1' { b'2' } else { b'1' };
                vec![AttributeValue::S(String::from_utf8(bytes).unwrap())]
            }
            AttributeValue::N(number) => vec![AttributeValue::N(format!("{number}1"))],
            AttributeValue::M(map) => {
                let inner = tampered(map).into_iter();
                inner.map(|(_, map)| AttributeValue::M(map)).collect()
            }
            _ => Vec::new(),
        };
        for other in others {
            let mut changed = item.clone();
            changed.insert(name.clone(), other);
            all.push((name.clone(), changed));
        }
        let mut without = item.clone();
        without.remove(name);
        all.push((format!("no {name}"), without));
    }
    let mut with_more = item.clone();
    with_more.insert("extra".to_owned(), AttributeValue::Bool(true));
    all.push(("an extra attribute".to_owned(), with_more));
    all
}

#[tokio::test]
async fn tampering_is_detected() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = ticket_with_history(&desk, &ana, &tina).await;
    let intact = verify(&ana, number).await;
    assert_eq!(
        (&intact["intact"], &intact["entries"], intact.get("first_broken_seq")),
        (&json!(true), &json!(4), None)
    );
    let events = ana.get(&format!("/v1/tickets/{number}/events")).await.expect(200);
    assert_eq!(intact["head_hash"], events.items().last().unwrap()["hash"]);

    let log = format!("TICKET#{number}");
    let entries = desk.items(|item| partition_begins(item, &log) && sort_key_begins(item, "LOG#")).await;
    assert_eq!(entries.len(), 4);
    for entry in &entries {
        let seq: u64 = entry["seq"].as_n().unwrap().parse().unwrap();
        for (what, changed) in tampered(entry) {
            desk.put(changed).await;
            let found = verify(&tina, number).await;
            assert_eq!((&found["intact"], &found["first_broken_seq"]), (&json!(false), &json!(seq)), "{what} of {seq}");
        }
        desk.put(entry.clone()).await;
    }
    let heads = desk.items(|item| partition_begins(item, "TICKETS#")).await;
    for (what, changed) in tampered(&heads[0]) {
        desk.put(changed).await;
        assert_eq!(
            desk.stack.invoke("tickets-verify-page", &json!({})).await.unwrap()["broken"][0]["ticket"],
            number,
            "{what}"
        );
    }
    desk.put(heads[0].clone()).await;
    assert_eq!(verify(&ana, number).await, intact);
}

#[tokio::test]
async fn all_tickets_are_verified_page_by_page() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    for _ in 0..30 {
        desk.ticket(&ana).await;
    }
    let broken = desk.items(|item| partition_begins(item, "TICKET#7") && item["ticket"].as_n().is_ok_and(|n| n == "7"));
    let mut entry = broken.await.remove(0);
    entry.insert("at".to_owned(), AttributeValue::S("2026-01-01T00:00:00.000Z".to_owned()));
    desk.put(entry).await;
    let (mut checked, mut broken, mut after) = (0, Vec::new(), Value::Null);
    loop {
        let page = desk.stack.invoke("tickets-verify-page", &json!({"after": after})).await.unwrap();
        checked += page["checked"].as_u64().unwrap();
        broken.extend(page["broken"].as_array().unwrap().clone());
        after = page["next"].clone();
        if after.is_null() {
            break;
        }
    }
    assert_eq!((checked, broken), (30, vec![json!({"ticket": 7, "first_broken_seq": 1})]));
    assert!(desk.stack.invoke("tickets-verify-page", &json!({"after": "x"})).await.is_err());
}
