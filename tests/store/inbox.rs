use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::EventId;
use domain::lifecycle::EventType;
use domain::notification::{NotificationReason, NotificationType, ReadMark};
use domain::time::Timestamp;
use domain::user::{Person, Role};
use edges::clock;
use edges::store::{KEPT_SECONDS, NEW_TICKET_SECONDS, Notification, NotificationEvent, Store, Unread};
use futures_util::{StreamExt as _, stream};

use crate::people::{account, opened};
use crate::table::{Item, Table, by_engine};

/// The mark of a recipient who never read their whole inbox.
const NEVER: ReadMark = ReadMark { up_to: None, late: BTreeSet::new() };

pub(crate) fn notification(actor: &Person, at: Timestamp) -> Notification {
    Notification {
        id: EventId::new(at, clock::id_bytes()),
        event: NotificationEvent {
            notification_type: NotificationType::Log(EventType::Resolved),
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

/// Reads all pages of this size.
async fn paged(store: &Store, reader: &Person, unread_only: bool, now: Timestamp, size: usize) -> Vec<EventId> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = store.inbox(reader, unread_only, now, after.as_deref(), size).await.unwrap();
        assert!(page.next.is_none() || page.items.len() == size, "every page except the last is full");
        all.extend(page.items.into_iter().map(|notification| notification.id));
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

/// Notifies the technicians of a new ticket at this time and returns the notification's id.
async fn notify_technicians(store: &Store, actor: &Person, arrival: Timestamp) -> EventId {
    let item = Notification { reason: NotificationReason::NewTicket, ..notification(actor, arrival) };
    let event = EventId::new(arrival, clock::id_bytes());
    let id = store.notify_technicians(event, &item, &[actor.id], || arrival).await.unwrap().unwrap();
    assert_eq!(store.notify_technicians(event, &item, &[actor.id], || arrival).await.unwrap(), None);
    id
}

#[tokio::test]
async fn a_duplicate_notification_changes_nothing_not_even_its_read_state() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let tina = account(store, "Tina", Role::Technician).await;
    opened(store, 1, &ana).await;
    let now = clock::now();
    let (first, second) = (notification(&tina, now), notification(&tina, now.plus_seconds(1)));
    for item in [&first, &second, &first, &second] {
        store.notify(ana.id, item, &NEVER).await.unwrap();
    }
    assert_eq!(ids(store, &ana, false, now).await, [second.id, first.id], "newest first");
    assert!(store.mark_read(&ana, first.id, now).await.unwrap());
    store.notify(ana.id, &first, &NEVER).await.unwrap();
    assert_eq!(ids(store, &ana, true, now).await, [second.id]);
    assert!(!store.mark_read(&tina, first.id, now).await.unwrap(), "the notification is Ana's");
}

#[tokio::test]
async fn a_notification_expires_after_90_days_even_if_its_item_remains() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let tina = account(store, "Tina", Role::Technician).await;
    let now = clock::now();
    let item = notification(&tina, now);
    store.notify(ana.id, &item, &NEVER).await.unwrap();
    let last_second = now.plus_seconds(KEPT_SECONDS - 1);
    assert_eq!(ids(store, &ana, false, last_second).await, [item.id]);
    let after = now.plus_seconds(KEPT_SECONDS + 1);
    assert_eq!(ids(store, &ana, false, after).await, []);
    assert!(!store.mark_read(&ana, item.id, after).await.unwrap());
}

#[tokio::test]
async fn unread_notifications_are_counted_up_to_99() {
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
    // A clock that is behind does not move the mark back.
    store.mark_all_read(ana.id, now).await.unwrap();
    assert_eq!(store.unread(&ana, now).await.unwrap(), Unread { count: 2, more: false });
}

#[tokio::test]
async fn a_late_notification_is_unread_however_old_its_event_is() {
    let table = Table::new().await;
    let store = &table.store;
    let (ana, tina) = (account(store, "Ana", Role::User).await, account(store, "Tina", Role::Technician).await);
    let read = notification(&tina, clock::now().plus_seconds(-4));
    store.notify(ana.id, &read, &NEVER).await.unwrap();
    let now = clock::now();
    let item = |seconds| notification(&tina, now.plus_seconds(seconds));
    let [late, overtaken, fresh] = [item(-3), item(-2), item(1)];
    store.mark_all_read(ana.id, now).await.unwrap();
    let mark = ReadMark { up_to: Some(now), ..ReadMark::default() };
    assert!(store.notify(ana.id, &late, &mark).await.unwrap());
    // The mark was read before Ana read everything, and the notification is stored after that.
    assert!(store.notify(ana.id, &overtaken, &NEVER).await.unwrap());
    assert!(store.notify(ana.id, &fresh, &mark).await.unwrap());
    // Duplicate messages make nothing unread.
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
async fn no_late_notification_is_hidden() {
    let table = Table::new().await;
    let store = &table.store;
    let (ana, tina) = (account(store, "Ana", Role::User).await, account(store, "Tina", Role::Technician).await);
    let now = clock::now();
    store.mark_all_read(ana.id, now).await.unwrap();
    let mut late = BTreeSet::new();
    for place in 0..=ReadMark::LATE_MAX {
        let item = notification(&tina, now.plus_milliseconds(-1_000 - i64::try_from(place).unwrap()));
        let mark = store.subscribers(&[ana.id]).await.unwrap().remove(0).inbox_state.mark;
        assert!(store.notify(ana.id, &item, &mark).await.unwrap());
        late.insert(item.id);
    }
    let unread: BTreeSet<EventId> = paged(store, &ana, true, now, 40).await.into_iter().collect();
    assert_eq!(unread, late);
    assert_eq!(store.unread(&ana, now).await.unwrap(), Unread { count: 99, more: true });
    store.mark_all_read(ana.id, now).await.unwrap();
    assert_eq!(store.unread(&ana, now).await.unwrap().count, 0);
}

#[tokio::test]
async fn new_tickets_are_listed_in_the_inbox_and_read_by_each_separately() {
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
            expected.push(notify_technicians(store, &ana, at).await);
        }
    }
    // Many in a row that are not for Tina, because she is their actor.
    for place in 0..60 {
        notify_technicians(store, &tina, now.plus_milliseconds(20 + place)).await;
    }
    expected.reverse();
    for size in [1, 2, 5, 12, 100] {
        assert_eq!(paged(store, &tina, false, now, size).await, expected, "{size}");
    }
    assert_eq!(store.unread(&tina, now).await.unwrap(), Unread { count: 12, more: false });
    assert!(store.mark_read(&tina, expected[0], now).await.unwrap());
    assert!(store.mark_read(&tina, expected[0], now.plus_seconds(1)).await.unwrap());
    let page = store.inbox(&tina, false, now, None, 100).await.unwrap();
    assert_eq!(page.items[0].read_at, Some(now), "the time of the first read stays");
    assert_eq!(paged(store, &tina, false, now, 5).await, expected, "read, and listed once");
    assert_eq!(paged(store, &tina, true, now, 5).await, expected[1..]);
    assert_eq!(store.unread(&tom, now).await.unwrap().count, 68, "what others read does not count");
    assert!(!store.mark_read(&ana, expected[1], now).await.unwrap(), "she is not a technician");
    let of_tina = table.items(&format!("USER#{}", tina.id)).await;
    let own = of_tina.iter().filter(|item| item["sk"].as_s().unwrap().starts_with("INBOX#"));
    // A version that does not know new tickets could not read a page with one.
    assert_eq!(own.filter(|item| item["reason"].as_s().unwrap() == "new_ticket").count(), 0);
    let demoted = Person { role: Role::User, ..tina.clone() };
    assert_eq!(paged(store, &demoted, false, now, 5).await.len(), 4, "only her individual notifications");
    assert!(!store.mark_read(&demoted, expected[0], now).await.unwrap());
    store.mark_all_read(tina.id, now.plus_seconds(1)).await.unwrap();
    assert_eq!(store.unread(&tina, now).await.unwrap().count, 0);
    let gone = now.plus_seconds(NEW_TICKET_SECONDS + 1);
    assert_eq!(paged(store, &tina, false, gone, 100).await.len(), 4);
}

/// The number of notifications that are read one by one, which must not matter.
const READ_ONE_BY_ONE: i64 = 2_000;
/// The number of them that the store notifies of and marks. The others are copies of their items.
const BY_THE_STORE: i64 = 100;
/// The number of notifications that are made concurrently.
const AT_ONCE: usize = 50;

/// Calls `does` with each item, several at a time.
async fn for_each_concurrently<T, F: Future>(of: impl Iterator<Item = T>, does: impl Fn(T) -> F) -> Vec<F::Output> {
    stream::iter(of.map(does)).buffer_unordered(AT_ONCE).collect().await
}

/// Returns the items of these notifications: those in the inboxes of these people, the shared one,
/// and the record that it was read.
async fn items_of(table: &Table, people: &[&Person], notifications: [EventId; 2]) -> Vec<Item> {
    let mut items = table.items("NEW_TICKETS").await;
    for person in people {
        items.extend(table.items(&format!("USER#{}", person.id)).await);
    }
    let ids = notifications.map(|id| id.to_string());
    items.retain(|item| ids.iter().any(|id| item["sk"].as_s().unwrap().ends_with(id.as_str())));
    assert_eq!(items.len(), 3, "{items:?}");
    items
}

/// Returns these items as those of notifications at another time.
fn with_other_ids(items: &[Item], ids: [EventId; 2], at: Timestamp) -> Vec<Item> {
    let mut items = items.to_vec();
    for id in ids {
        let (old, new) = (id.to_string(), EventId::new(at, clock::id_bytes()).to_string());
        for value in items.iter_mut().flat_map(Item::values_mut) {
            if let AttributeValue::S(text) = value {
                *text = text.replace(&old, &new);
            }
        }
    }
    items
}

async fn assert_unread(store: &Store, reader: &Person, now: Timestamp, unread: &[EventId]) {
    for size in [1, 25] {
        assert_eq!(paged(store, reader, true, now, size).await, unread, "{size}");
    }
    assert_eq!(store.unread(reader, now).await.unwrap(), Unread { count: unread.len(), more: false });
}

#[tokio::test]
async fn pages_and_counts_of_unread_ones_are_right_after_many_single_reads() {
    let table = Table::new().await;
    let store = &table.store;
    let (ana, tina) = (account(store, "Ana", Role::User).await, account(store, "Tina", Role::Technician).await);
    let now = clock::now();
    let own = notification(&tina, now.plus_seconds(-1));
    store.notify(ana.id, &own, &NEVER).await.unwrap();
    let new = notify_technicians(store, &ana, now.plus_seconds(-1)).await;
    let later = |place| now.plus_milliseconds(place);
    let read = for_each_concurrently(0..BY_THE_STORE, async |place| {
        let item = notification(&tina, later(place));
        store.notify(ana.id, &item, &NEVER).await.unwrap();
        assert!(store.mark_read(&ana, item.id, now).await.unwrap());
        let shared = notify_technicians(store, &ana, later(place)).await;
        assert!(store.mark_read(&tina, shared, now).await.unwrap());
        [item.id, shared]
    })
    .await;
    let models = items_of(&table, &[&ana, &tina], read[0]).await;
    let read_one_by_one = READ_ONE_BY_ONE / by_engine(1, 10);
    let later = (BY_THE_STORE..read_one_by_one).map(later);
    table.put_all(later.flat_map(|at| with_other_ids(&models, read[0], at))).await;
    for reader in [&ana, &tina] {
        let listed = paged(store, reader, false, now, 100).await.len();
        assert_eq!(listed, usize::try_from(read_one_by_one).unwrap() + 1, "and the unread one");
    }
    assert_unread(store, &ana, now, &[own.id]).await;
    assert_unread(store, &tina, now, &[new]).await;
    let page = store.inbox(&tina, false, now, None, 100).await.unwrap();
    assert!(page.items.len() == 100 && page.items.iter().all(|item| item.read_at == Some(now)));
    assert!(store.mark_read(&ana, own.id, now).await.unwrap() && store.mark_read(&tina, new, now).await.unwrap());
    assert_unread(store, &ana, now, &[]).await;
    assert_unread(store, &tina, now, &[]).await;
}

#[tokio::test]
async fn an_interrupted_notification_is_shown_when_its_message_is_redelivered() {
    let table = Table::new().await;
    let store = &table.store;
    let tina = account(store, "Tina", Role::Technician).await;
    for name in ["Ana", "Bea"] {
        let reader = account(store, name, Role::User).await;
        let read_all = clock::now().plus_seconds(-2);
        let item = notification(&tina, read_all.plus_seconds(-2));
        // As if everything had been read just before the put, and the process had ended before it
        // checked the mark again.
        store.notify(reader.id, &item, &NEVER).await.unwrap();
        store.mark_all_read(reader.id, read_all).await.unwrap();
        assert_eq!(ids(store, &reader, true, read_all).await, []);
        // By a notifier that knows the mark, and by one that read it before.
        let marked = ReadMark { up_to: Some(read_all), ..ReadMark::default() };
        let mark = if name == "Ana" { marked } else { NEVER };
        assert!(!store.notify(reader.id, &item, &mark).await.unwrap());
        assert_eq!(ids(store, &reader, true, read_all).await, [item.id], "{name}");
        store.mark_all_read(reader.id, clock::now()).await.unwrap();
        assert!(!store.notify(reader.id, &item, &mark).await.unwrap());
        assert_eq!(ids(store, &reader, true, read_all).await, [], "{name} read it with everything else");
    }
}
