use std::collections::BTreeSet;

use domain::id::EventId;
use domain::lifecycle::EventType;
use domain::notification::{NotificationReason, Occasion, ReadMark};
use domain::time::Timestamp;
use domain::user::{Person, Role};
use edges::clock;
use edges::store::{KEPT_SECONDS, NEW_TICKET_SECONDS, Notification, NotificationEvent, Store, Unread};

use crate::people::{account, opened};
use crate::table::Table;

/// The mark of somebody who never read all of their inbox.
const NEVER: ReadMark = ReadMark { up_to: None, late: BTreeSet::new() };

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

async fn ids(store: &Store, reader: &Person, unread_only: bool, now: Timestamp) -> Vec<EventId> {
    let page = store.inbox(reader, unread_only, now, None, 100).await.unwrap();
    page.items.into_iter().map(|notification| notification.id).collect()
}

/// All pages of that size, one after the other.
async fn paged(store: &Store, reader: &Person, unread_only: bool, now: Timestamp, size: usize) -> Vec<EventId> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = store.inbox(reader, unread_only, now, after.as_deref(), size).await.unwrap();
        assert!(page.next.is_none() || page.items.len() == size, "a page is full unless it is the last");
        all.extend(page.items.into_iter().map(|notification| notification.id));
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

/// Tells technicians of a new ticket that arrived then, and gives its id in their inboxes.
async fn told_together(store: &Store, actor: &Person, arrival: Timestamp) -> EventId {
    let expires_at = arrival.plus_seconds(NEW_TICKET_SECONDS).unix_seconds();
    let told = Notification { reason: NotificationReason::NewTicket, expires_at, ..notification(actor, arrival) };
    let event = EventId::new(arrival, clock::id_bytes());
    assert!(store.tell_technicians(event, &told, vec![actor.id]).await.unwrap());
    assert!(!store.tell_technicians(event, &notification(actor, arrival), vec![actor.id]).await.unwrap());
    told.id
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
        store.notify(ana.id, told, &NEVER).await.unwrap();
    }
    assert_eq!(ids(store, &ana, false, now).await, [second.id, first.id], "newest first");
    assert!(store.mark_read(&ana, first.id, now).await.unwrap());
    store.notify(ana.id, &first, &NEVER).await.unwrap();
    assert_eq!(ids(store, &ana, true, now).await, [second.id]);
    assert!(!store.mark_read(&tina, first.id, now).await.unwrap(), "it is Ana's");
}

#[tokio::test]
async fn after_90_days_a_notification_is_gone_even_while_its_item_is_still_there() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let tina = account(store, "Tina", Role::Technician).await;
    let now = clock::now();
    let told = notification(&tina, now);
    store.notify(ana.id, &told, &NEVER).await.unwrap();
    let last_second = now.plus_seconds(KEPT_SECONDS - 1);
    assert_eq!(ids(store, &ana, false, last_second).await, [told.id]);
    let after = now.plus_seconds(KEPT_SECONDS + 1);
    assert_eq!(ids(store, &ana, false, after).await, []);
    assert!(!store.mark_read(&ana, told.id, after).await.unwrap());
}

#[tokio::test]
async fn what_is_unread_is_counted_up_to_99_and_whether_there_is_more() {
    let table = Table::new().await;
    let store = &table.store;
    let (ana, tina) = (account(store, "Ana", Role::User).await, account(store, "Tina", Role::Technician).await);
    let now = clock::now();
    for place in 0..100 {
        let unread = store.unread(&ana, now).await.unwrap();
        assert_eq!(unread, Unread { count: place, more: false });
        let at = now.plus_milliseconds(i64::try_from(place).unwrap());
        store.notify(ana.id, &notification(&tina, at), &NEVER).await.unwrap();
    }
    assert_eq!(store.unread(&ana, now).await.unwrap(), Unread { count: 99, more: true });
    store.mark_all_read(ana.id, now.plus_milliseconds(97)).await.unwrap();
    assert_eq!(store.unread(&ana, now).await.unwrap(), Unread { count: 2, more: false });
    // A clock that is behind takes back nothing.
    store.mark_all_read(ana.id, now).await.unwrap();
    assert_eq!(store.unread(&ana, now).await.unwrap(), Unread { count: 2, more: false });
}

#[tokio::test]
async fn what_comes_after_everything_was_read_is_unread_however_old_its_event_is() {
    let table = Table::new().await;
    let store = &table.store;
    let (ana, tina) = (account(store, "Ana", Role::User).await, account(store, "Tina", Role::Technician).await);
    let now = clock::now();
    let told = |seconds| notification(&tina, now.plus_seconds(seconds));
    let [read, late, overtaken, fresh] = [told(-4), told(-3), told(-2), told(1)];
    store.notify(ana.id, &read, &NEVER).await.unwrap();
    store.mark_all_read(ana.id, now).await.unwrap();
    let mark = ReadMark { up_to: Some(now), ..ReadMark::default() };
    assert!(store.notify(ana.id, &late, &mark).await.unwrap());
    // The mark was looked up before Ana read everything, and the notification comes after it.
    assert!(store.notify(ana.id, &overtaken, &NEVER).await.unwrap());
    assert!(store.notify(ana.id, &fresh, &mark).await.unwrap());
    // Messages that come again make nothing unread.
    for again in [&read, &late, &overtaken, &fresh] {
        assert!(!store.notify(ana.id, again, &mark).await.unwrap());
    }
    let unread = [fresh.id, overtaken.id, late.id];
    assert_eq!(ids(store, &ana, true, now).await, unread);
    for size in 1..4 {
        assert_eq!(paged(store, &ana, true, now, size).await, unread, "{size}");
        assert_eq!(paged(store, &ana, false, now, size).await, [fresh.id, overtaken.id, late.id, read.id]);
    }
    assert_eq!(store.unread(&ana, now).await.unwrap().count, 3);
    assert!(store.mark_read(&ana, late.id, now).await.unwrap());
    assert_eq!(ids(store, &ana, true, now).await, [fresh.id, overtaken.id]);
    store.mark_all_read(ana.id, now.plus_seconds(2)).await.unwrap();
    assert_eq!(store.unread(&ana, now).await.unwrap().count, 0);
}

#[tokio::test]
async fn however_much_comes_late_none_of_it_is_hidden() {
    let table = Table::new().await;
    let store = &table.store;
    let (ana, tina) = (account(store, "Ana", Role::User).await, account(store, "Tina", Role::Technician).await);
    let now = clock::now();
    store.mark_all_read(ana.id, now).await.unwrap();
    let mut late = BTreeSet::new();
    for place in 0..=ReadMark::LATE_MAX {
        let told = notification(&tina, now.plus_milliseconds(-1_000 - i64::try_from(place).unwrap()));
        let mark = store.subscribers(&[ana.id]).await.unwrap().remove(0).reading.mark;
        assert!(store.notify(ana.id, &told, &mark).await.unwrap());
        late.insert(told.id);
    }
    let unread: BTreeSet<EventId> = paged(store, &ana, true, now, 40).await.into_iter().collect();
    assert_eq!(unread, late);
    assert_eq!(store.unread(&ana, now).await.unwrap(), Unread { count: 99, more: true });
    store.mark_all_read(ana.id, now).await.unwrap();
    assert_eq!(store.unread(&ana, now).await.unwrap().count, 0);
}

#[tokio::test]
async fn new_tickets_are_listed_among_what_a_technician_was_told_and_read_by_each_alone() {
    let table = Table::new().await;
    let store = &table.store;
    let (tina, tom) = (account(store, "Tina", Role::Technician).await, account(store, "Tom", Role::Technician).await);
    let ana = account(store, "Ana", Role::User).await;
    let now = clock::now();
    let mut expected = Vec::new();
    for place in 0..12 {
        let at = now.plus_milliseconds(place);
        if place % 3 == 0 {
            let own = notification(&ana, at);
            store.notify(tina.id, &own, &NEVER).await.unwrap();
            expected.push(own.id);
        } else {
            expected.push(told_together(store, &ana, at).await);
        }
    }
    // Many in a row that are not for Tina, because she did it.
    for place in 0..60 {
        told_together(store, &tina, now.plus_milliseconds(20 + place)).await;
    }
    expected.reverse();
    for size in [1, 2, 5, 12, 100] {
        assert_eq!(paged(store, &tina, false, now, size).await, expected, "{size}");
    }
    assert_eq!(store.unread(&tina, now).await.unwrap(), Unread { count: 12, more: false });
    assert!(store.mark_read(&tina, expected[0], now).await.unwrap());
    assert!(store.mark_read(&tina, expected[0], now.plus_seconds(1)).await.unwrap());
    let page = store.inbox(&tina, false, now, None, 100).await.unwrap();
    assert_eq!(page.items[0].read_at, Some(now), "read since the first time");
    assert_eq!(paged(store, &tina, false, now, 5).await, expected, "read, and there once");
    assert_eq!(paged(store, &tina, true, now, 5).await, expected[1..]);
    assert_eq!(store.unread(&tom, now).await.unwrap().count, 68, "what others read is their own");
    assert!(!store.mark_read(&ana, expected[1], now).await.unwrap(), "she is no technician");
    let demoted = Person { role: Role::User, ..tina.clone() };
    assert_eq!(paged(store, &demoted, false, now, 5).await.len(), 4, "what she was told by name");
    assert!(!store.mark_read(&demoted, expected[0], now).await.unwrap());
    store.mark_all_read(tina.id, now.plus_seconds(1)).await.unwrap();
    assert_eq!(store.unread(&tina, now).await.unwrap().count, 0);
    let gone = now.plus_seconds(NEW_TICKET_SECONDS + 1);
    assert_eq!(paged(store, &tina, false, gone, 100).await.len(), 4);
}
