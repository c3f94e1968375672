//! Technicians are mailed about a limited number of urgent tickets an hour, and notified of all in
//! the inbox.

use std::collections::BTreeSet;

use domain::event::TicketEvent;
use domain::id::TicketNumber;
use domain::time::Timestamp;
use domain::user::{Person, Role};
use edges::clock;
use edges::store::{Store, URGENT_MAILED_MAX, URGENT_MAILED_OF_ONE_MAX};
use events::notify;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::people::{account, opening};
use crate::stubs::queue;
use crate::table::Table;
use crate::telling::{batch, deadline, notify_worker, whole_inbox};

/// Stores an urgent ticket that this person opens at this time and returns its event.
async fn urgent(store: &Store, number: u64, opener: &Person, at: Timestamp) -> String {
    let change = opening(number, opener, &json!({"priority": "urgent"}));
    store.commit(&change, None).await.unwrap();
    TicketEvent { at, ..TicketEvent::of(&change.entries[0]) }.to_json().unwrap()
}

/// Returns the numbers of the tickets for which mails are requested.
fn tickets(orders: &[String]) -> BTreeSet<u64> {
    let ticket = |order: &String| {
        let order: Value = serde_json::from_str(order).unwrap();
        let event: Value = serde_json::from_str(order["event"].as_str().unwrap()).unwrap();
        event["data"]["ticket"].as_u64().unwrap()
    };
    orders.iter().map(ticket).collect()
}

#[tokio::test]
async fn urgent_tickets_are_mailed_up_to_a_limit_and_all_reach_the_inbox() {
    let table = Table::new().await;
    let store = &table.store;
    let tina = account(store, "Tina", Role::Technician).await;
    let now = clock::now();
    let (mut events, mut mailed, mut number) = (Vec::new(), BTreeSet::new(), 0);
    // Each person opens one more than the limit of one requester, and together they exceed the
    // limit of all.
    for (place, name) in ["Ana", "Bea", "Cem", "Dan", "Eve"].into_iter().enumerate() {
        let opener = account(store, name, Role::User).await;
        for own in 0..=URGENT_MAILED_OF_ONE_MAX {
            number += 1;
            events.push(urgent(store, number, &opener, now).await);
            if own < URGENT_MAILED_OF_ONE_MAX && place * URGENT_MAILED_OF_ONE_MAX + own < URGENT_MAILED_MAX {
                mailed.insert(number);
            }
        }
    }
    assert_eq!(mailed.len(), URGENT_MAILED_MAX);
    let ((email, orders), webhooks) = (queue(), queue().0);
    let worker = notify_worker(store, email, webhooks, queue().0);
    // A duplicate has the same result as the first message.
    for _ in 0..2 {
        for event in &events {
            let response = notify(&worker, batch(std::slice::from_ref(event)), deadline()).await;
            assert!(response.batch_item_failures.is_empty(), "{response:?}");
        }
        let asked = std::mem::take(&mut *orders.lock().unwrap());
        assert_eq!((tickets(&asked), asked.len()), (mailed.clone(), URGENT_MAILED_MAX));
    }
    assert_eq!(whole_inbox(store, &tina).await.len(), events.len(), "the inbox has all of them");
    // An hour later there is room again, for every requester.
    let late = urgent(store, number + 1, &tina, now.plus_seconds(3_600)).await;
    let tom = account(store, "Tom", Role::Technician).await;
    assert!(notify(&worker, batch(&[late]), deadline()).await.batch_item_failures.is_empty());
    let asked = orders.lock().unwrap().clone();
    assert!(asked.len() == 1 && asked[0].contains(&tom.id.to_string()), "{asked:?}");
}

#[tokio::test]
async fn concurrent_urgent_tickets_are_mailed_only_up_to_the_limit() {
    let table = Table::new().await;
    let (store, now) = (&table.store, clock::now());
    let openers = join_all((0..5).map(|place| account(store, ["A", "B", "C", "D", "E"][place], Role::User))).await;
    let asked = join_all((1..=40).map(|number: u64| {
        let opener = openers[usize::try_from(number).unwrap() % openers.len()].id;
        store.reserve_urgent_mail(TicketNumber::new(number).unwrap(), opener, now)
    }));
    let mailed = asked.await.into_iter().filter(|asked| *asked.as_ref().unwrap()).count();
    assert_eq!(mailed, URGENT_MAILED_MAX);
    assert_eq!(table.items_of("URGENT_MAILS#").await.len(), 1, "one item for the hour");
}
