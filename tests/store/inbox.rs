use std::collections::BTreeSet;

use domain::id::EventId;
use domain::lifecycle::EventType;
use domain::notification::{NotificationReason, Occasion, ReadMark};
use domain::time::Timestamp;
use domain::user::{Person, Role};
use edges::clock;
use edges::store::{KEPT_SECONDS, NEW_TICKET_SECONDS, Notification, NotificationEvent, Store, Unread};
use futures_util::{StreamExt as _, stream};

use crate::people::{account, opened};
use crate::table::Table;

/// The mark of a recipient who never read all of their inbox.
const NEVER: ReadMark = ReadMark { up_to: None, late: BTreeSet::new() };

pub(crate) fn notification(actor: &Person, at: Timestamp) -> Notification {
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
    let told = Notification { reason: NotificationReason::NewTicket, ..notification(actor, arrival) };
    let event = EventId::new(arrival, clock::id_bytes());
    let id = store.notify_technicians(event, &told, &[actor.id], || arrival).await.unwrap().unwrap();
    assert_eq!(store.notify_technicians(event, &told, &[actor.id], || arrival).await.unwrap(), None);
    id
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
    let read = notification(&tina, clock::now().plus_seconds(-4));
    store.notify(ana.id, &read, &NEVER).await.unwrap();
    let now = clock::now();
    let told = |seconds| notification(&tina, now.plus_seconds(seconds));
    let [late, overtaken, fresh] = [told(-3), told(-2), told(1)];
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
    let of_tina = table.items(&format!("USER#{}", tina.id)).await;
    let own = of_tina.iter().filter(|item| item["sk"].as_s().unwrap().starts_with("INBOX#"));
    // A version that knows no new tickets could read no page with one.
    assert_eq!(own.filter(|item| item["reason"].as_s().unwrap() == "new_ticket").count(), 0);
    let demoted = Person { role: Role::User, ..tina.clone() };
    assert_eq!(paged(store, &demoted, false, now, 5).await.len(), 4, "what she was told by name");
    assert!(!store.mark_read(&demoted, expected[0], now).await.unwrap());
    store.mark_all_read(tina.id, now.plus_seconds(1)).await.unwrap();
    assert_eq!(store.unread(&tina, now).await.unwrap().count, 0);
    let gone = now.plus_seconds(NEW_TICKET_SECONDS + 1);
    assert_eq!(paged(store, &tina, false, gone, 100).await.len(), 4);
}

/// How many notifications are read one by one where it must not matter.
const READ_ONE_BY_ONE: i64 = 2_000;
/// Of these, so many are made at once.
const AT_ONCE: usize = 50;

/// Does something with each of these, some at once.
async fn each<T, F: Future>(of: impl Iterator<Item = T>, does: impl Fn(T) -> F) -> Vec<F::Output> {
    stream::iter(of.map(does)).buffer_unordered(AT_ONCE).collect().await
}

async fn assert_unread(store: &Store, reader: &Person, now: Timestamp, unread: &[EventId]) {
    for size in [1, 25] {
        assert_eq!(paged(store, reader, true, now, size).await, unread, "{size}");
    }
    assert_eq!(store.unread(reader, now).await.unwrap(), Unread { count: unread.len(), more: false });
}

#[tokio::test]
async fn however_many_were_read_one_by_one_a_page_of_unread_ones_is_full_and_the_count_right() {
    let table = Table::new().await;
    let store = &table.store;
    let (ana, tina) = (account(store, "Ana", Role::User).await, account(store, "Tina", Role::Technician).await);
    let now = clock::now();
    let own = notification(&tina, now.plus_seconds(-1));
    store.notify(ana.id, &own, &NEVER).await.unwrap();
    let new = told_together(store, &ana, now.plus_seconds(-1)).await;
    let later = |place| now.plus_milliseconds(place);
    each(0..READ_ONE_BY_ONE, async |place| {
        let told = notification(&tina, later(place));
        store.notify(ana.id, &told, &NEVER).await.unwrap();
        assert!(store.mark_read(&ana, told.id, now).await.unwrap());
        let told = told_together(store, &ana, later(place)).await;
        assert!(store.mark_read(&tina, told, now).await.unwrap());
    })
    .await;
    assert_unread(store, &ana, now, &[own.id]).await;
    assert_unread(store, &tina, now, &[new]).await;
    let page = store.inbox(&tina, false, now, None, 100).await.unwrap();
    assert!(page.items.len() == 100 && page.items.iter().all(|told| told.read_at == Some(now)));
    assert!(store.mark_read(&ana, own.id, now).await.unwrap() && store.mark_read(&tina, new, now).await.unwrap());
    assert_unread(store, &ana, now, &[]).await;
    assert_unread(store, &tina, now, &[]).await;
}

#[tokio::test]
async fn what_was_put_by_a_process_that_ended_before_it_looked_at_the_mark_again_is_shown_when_its_message_comes_again()
{
    let table = Table::new().await;
    let store = &table.store;
    let tina = account(store, "Tina", Role::Technician).await;
    for name in ["Ana", "Bea"] {
        let reader = account(store, name, Role::User).await;
        let read_all = clock::now().plus_seconds(-2);
        let told = notification(&tina, read_all.plus_seconds(-2));
        // As if everything had been read just before the put, and nobody had looked again.
        store.notify(reader.id, &told, &NEVER).await.unwrap();
        store.mark_all_read(reader.id, read_all).await.unwrap();
        assert_eq!(ids(store, &reader, true, read_all).await, []);
        // By a notifier that knows of the mark, and by one that looked it up before.
        let marked = ReadMark { up_to: Some(read_all), ..ReadMark::default() };
        let mark = if name == "Ana" { marked } else { NEVER };
        assert!(!store.notify(reader.id, &told, &mark).await.unwrap());
        assert_eq!(ids(store, &reader, true, read_all).await, [told.id], "{name}");
        store.mark_all_read(reader.id, clock::now()).await.unwrap();
        assert!(!store.notify(reader.id, &told, &mark).await.unwrap());
        assert_eq!(ids(store, &reader, true, read_all).await, [], "{name} read it with all else");
    }
}
