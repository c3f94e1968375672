use domain::id::EventId;
use domain::log::EventType;
use domain::notification::{NotificationReason, Occasion};
use domain::time::Timestamp;
use domain::user::{Person, Role};
use platform::clock;
use platform::store::{KEPT_SECONDS, Notification, NotificationEvent, Store};

use crate::people::{account, opened};
use crate::table::Table;

fn notification(actor: &Person, at: Timestamp) -> Notification {
    Notification {
        id: EventId::new(at, clock::id_bytes()),
        event: NotificationEvent {
            occasion: Occasion::Log(EventType::Resolved),
            ticket: domain::id::TicketNumber::new(1),
            title: "The printer jams".to_owned(),
            actor: actor.clone(),
            at,
        },
        reason: NotificationReason::Requester,
        read_at: None,
        expires_at: at.plus_seconds(KEPT_SECONDS).unix_seconds(),
    }
}

async fn ids(store: &Store, user: &Person, unread_only: bool, now: Timestamp) -> Vec<EventId> {
    let page = store.inbox(user.id, unread_only, now, None, 100).await.unwrap();
    page.items.into_iter().map(|notification| notification.id).collect()
}

#[tokio::test]
async fn the_same_notification_again_changes_nothing_not_even_that_it_was_read() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let tina = account(store, "Tina", Role::Technician).await;
    opened(store, 1, &ana).await;
    let now = clock::now();
    let (first, second) = (notification(&tina, now), notification(&tina, now.plus_seconds(1)));
    for told in [&first, &second, &first, &second] {
        store.notify(ana.id, told).await.unwrap();
    }
    assert_eq!(ids(store, &ana, false, now).await, [second.id, first.id], "newest first");
    assert!(store.mark_read(ana.id, first.id, now).await.unwrap());
    store.notify(ana.id, &first).await.unwrap();
    assert_eq!(ids(store, &ana, true, now).await, [second.id]);
    assert!(!store.mark_read(tina.id, first.id, now).await.unwrap(), "it is Ana's");
}

#[tokio::test]
async fn after_90_days_a_notification_is_gone_even_while_its_item_is_still_there() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let tina = account(store, "Tina", Role::Technician).await;
    let now = clock::now();
    let told = notification(&tina, now);
    store.notify(ana.id, &told).await.unwrap();
    let last_second = now.plus_seconds(KEPT_SECONDS - 1);
    assert_eq!(ids(store, &ana, false, last_second).await, [told.id]);
    let after = now.plus_seconds(KEPT_SECONDS + 1);
    assert_eq!(ids(store, &ana, false, after).await, []);
    assert!(!store.mark_read(ana.id, told.id, after).await.unwrap());
}

#[tokio::test]
async fn what_is_unread_is_counted_up_to_a_bound_and_one_more() {
    let table = Table::new().await;
    let store = &table.store;
    let (ana, tina) = (account(store, "Ana", Role::User).await, account(store, "Tina", Role::Technician).await);
    let now = clock::now();
    for place in 0..205 {
        store.notify(ana.id, &notification(&tina, now.plus_milliseconds(place))).await.unwrap();
    }
    assert_eq!(store.unread(ana.id, now, 1_000).await.unwrap(), 205);
    assert!(store.unread(ana.id, now, 200).await.unwrap() > 200);
    store.mark_all_read(ana.id, now).await.unwrap();
    assert_eq!(store.unread(ana.id, now, 1_000).await.unwrap(), 0);
}
