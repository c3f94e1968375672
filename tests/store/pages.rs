//! Pages end by bytes and are full where there is more; long texts are stored once; logs are verified part by part.

use domain::id::TicketNumber;
use domain::log::{FieldValue, LogEntry};
use domain::text::{CommentBody, PersonName};
use domain::ticket::{Change, Outcome, Ticket, TicketPatch};
use domain::time::Timestamp;
use domain::user::{Person, Role};
use edges::clock::{self, Deadline};
use edges::store::{LogKind, LogOrder, PAGE_BYTES_MAX, Store, Verified, VerifiedSoFar};
use lambda_runtime::Context;
use serde_json::json;

use crate::people::{account, opened, opening, user};
use crate::table::Table;

/// The longest text of a comment or a description, 10,000 characters of four bytes, and no two alike.
fn longest(number: usize) -> String {
    let number = format!("{number:04}");
    number.clone() + &"\u{1F5A8}".repeat(10_000 - number.len())
}

fn commented(ticket: Ticket, actor: &Person, text: String) -> Change {
    let body = CommentBody::parse(text).unwrap();
    ticket.comment(body, actor, [clock::stamp(), clock::stamp()]).unwrap()
}

fn described(ticket: Ticket, actor: &Person, text: &str) -> Change {
    let patch = TicketPatch::from_body(json!({ "description": text })).unwrap();
    match ticket.patch(patch, actor, clock::stamp()).unwrap() {
        Outcome::Changed(change) => *change,
        Outcome::Unchanged(_) => panic!("the description is another"),
    }
}

async fn commit(store: &Store, change: Change) -> Ticket {
    store.commit(&change, None).await.unwrap();
    change.ticket
}

/// Pages of that many entries, to the end.
async fn pages(store: &Store, ticket: &Ticket, kind: LogKind, order: LogOrder, limit: usize) -> Vec<Vec<LogEntry>> {
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let page = store.log(ticket.head.number, kind, order, after.as_deref(), limit).await.unwrap();
        pages.push(page.items);
        after = page.next;
        if after.is_none() {
            return pages;
        }
    }
}

#[tokio::test]
async fn events_are_found_behind_any_comments_and_long_comments_end_a_page() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let mut ticket = opened(store, 1, &ana).await;
    for number in 0..330 {
        ticket = commit(store, commented(ticket, &ana, longest(number))).await;
    }
    for text in ["one", "two", "three"] {
        ticket = commit(store, described(ticket, &ana, text)).await;
    }
    let events = pages(store, &ticket, LogKind::Events, LogOrder::OldestFirst, 25).await;
    assert_eq!(events.iter().map(Vec::len).collect::<Vec<usize>>(), [4], "one full page, over 13 MB of comments");

    let comments = pages(store, &ticket, LogKind::Comments, LogOrder::OldestFirst, 100).await;
    for page in &comments {
        // One call more brings 1 MB at most.
        let bytes: usize = page.iter().map(|entry| entry.body.as_ref().unwrap().as_str().len()).sum();
        assert!(bytes < PAGE_BYTES_MAX + 1_048_576, "{bytes}");
    }
    let seqs: Vec<u64> = comments.concat().iter().map(|entry| entry.seq).collect();
    assert_eq!(seqs, (2..=331).collect::<Vec<u64>>(), "each once");
}

/// The old and the new description of each edit.
fn edits(entries: &[LogEntry]) -> Vec<(Option<FieldValue>, Option<FieldValue>)> {
    let changes = entries.iter().filter(|entry| entry.seq > 1).flat_map(|entry| entry.changes.clone());
    changes.map(|change| (change.old, change.new)).collect()
}

#[tokio::test]
async fn an_edit_shows_the_old_text_wherever_a_page_begins_and_in_either_order() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let mut ticket = opened(store, 1, &ana).await;
    let texts = ["Every second page.", "A", "B", "C", "D"];
    for text in &texts[1..] {
        ticket = commit(store, commented(ticket, &ana, "Hello?".to_owned())).await;
        let mut change = described(ticket, &ana, text);
        if *text == "B" {
            // As the deployment before wrote it.
            change.entries[0].changes[0].old_seq = None;
        }
        ticket = commit(store, change).await;
    }
    let text = |text: &str| Some(FieldValue::Text(text.to_owned()));
    let mut expected: Vec<_> = texts.windows(2).map(|pair| (text(pair[0]), text(pair[1]))).collect();
    for order in [LogOrder::OldestFirst, LogOrder::NewestFirst] {
        for limit in 1..=6 {
            for kind in [LogKind::Events, LogKind::All] {
                assert_eq!(edits(&pages(store, &ticket, kind, order, limit).await.concat()), expected, "{limit}");
            }
        }
        expected.reverse();
    }
    assert!(is_intact(store, ticket.head.number).await);
}

/// Whether ticket and log are as they were written.
pub(crate) async fn is_intact(store: &Store, number: TicketNumber) -> bool {
    let verified = store.verify(number, None, in_time()).await.unwrap();
    matches!(verified, Some(Verified::Whole(whole)) if whole.intact)
}

fn in_time() -> Deadline {
    Deadline::of(&Context::default())
}

/// A deadline that has passed: each call looks at some entries all the same.
const fn too_late() -> Deadline {
    Deadline::at(Timestamp::UNIX_EPOCH)
}

/// A ticket with that many entries, some of them edits of its description.
async fn huge(store: &Store, number: u64, entries: u64, ana: &Person) -> Ticket {
    let mut ticket = opened(store, number, ana).await;
    for seq in 2..=entries {
        let change = if seq % 249 == 0 {
            described(ticket, ana, &format!("As of {seq}."))
        } else {
            commented(ticket, ana, format!("Comment {seq}."))
        };
        ticket = commit(store, change).await;
    }
    ticket
}

#[tokio::test]
async fn a_huge_ticket_is_verified_part_by_part_to_the_same_end() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let ticket = huge(store, 1, 2_000, &ana).await;
    let number = ticket.head.number;
    for lost in [None, Some(1_700), Some(2_000)] {
        if let Some(seq) = lost {
            table.lose_log_entry(1, seq).await;
        }
        let Some(Verified::Whole(whole)) = store.verify(number, None, in_time()).await.unwrap() else {
            panic!("there is time for all of it");
        };
        let first_lost = lost.map(|_| 1_700);
        assert_eq!((whole.intact, whole.first_broken_seq), (lost.is_none(), first_lost));
        let (mut parts, mut begun) = (0, None);
        let at_once = whole;
        let in_parts = loop {
            match store.verify(number, begun, too_late()).await.unwrap().unwrap() {
                Verified::Whole(whole) => break whole,
                Verified::Part { so_far, head_hash } => {
                    parts += 1;
                    assert_eq!((so_far.entries(), head_hash), (250 * parts, ticket.head.hash));
                    let written = so_far.written().unwrap();
                    begun = VerifiedSoFar::read(&written, number);
                }
            }
        };
        assert_eq!((parts, in_parts), (7, at_once));
    }
    assert!(VerifiedSoFar::read("x", number).is_none());
}

/// Bytes of a request line and headers that API Gateway takes ("Quotas for configuring and running an HTTP API").
const REQUEST_BYTES_MAX: usize = 10_240;
/// Bytes that all the rest of a request may have: the path, an access token of 1 KB, and a browser's own headers.
const OTHER_BYTES: usize = 2_048;
/// What docs/API.md says that the cursor of a verification may have.
const CURSOR_BYTES_MAX: usize = 6 * 1_024;
const _: () = assert!(CURSOR_BYTES_MAX + OTHER_BYTES <= REQUEST_BYTES_MAX, "API Gateway refuses it");

/// That many capital letters of four bytes, which are kept a second time as they are compared.
fn capitals(count: usize) -> String {
    "\u{10400}".repeat(count)
}

/// Somebody with the longest name.
async fn named_longest(store: &Store, login: &str, role: Role) -> Person {
    let mut user = user(login, role);
    user.name = PersonName::parse(capitals(100)).unwrap();
    store.register(&user, "no hash".to_owned()).await.unwrap();
    user.person()
}

#[tokio::test]
async fn how_far_the_largest_ticket_was_verified_fits_into_a_request() {
    let table = Table::new().await;
    let store = &table.store;
    let (ana, tina) =
        (named_longest(store, "Ana", Role::User).await, named_longest(store, "Tina", Role::Technician).await);
    let tags: Vec<String> = (0..10_u32).map(|place| format!("{place}{}", capitals(29))).collect();
    let fields = json!({"title": capitals(150), "category": capitals(50), "tags": tags, "priority": "normal"});
    let change = opening(TicketNumber::MAX, &ana, &fields);
    let ticket = commit(store, change).await;
    let Ok(Outcome::Changed(taken)) = ticket.assign(tina.id, Some(tina.clone()), &tina, clock::stamp()) else {
        panic!("an open ticket can be taken");
    };
    let mut ticket = commit(store, *taken).await;
    for number in 0..300 {
        ticket = commit(store, commented(ticket, &ana, format!("Comment {number}."))).await;
    }
    let number = ticket.head.number;
    let Some(Verified::Part { so_far, .. }) = store.verify(number, None, too_late()).await.unwrap() else {
        panic!("there is no time for all of it");
    };
    let written = so_far.written().unwrap();
    assert!(written.len() <= CURSOR_BYTES_MAX, "{}", written.len());
    assert!(VerifiedSoFar::read(&written, number).is_some(), "it is taken as it was given");
}

#[tokio::test]
async fn a_huge_ticket_does_not_stop_the_run_for_all_older_ones() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    for number in [1, 3] {
        opened(store, number, &ana).await;
    }
    huge(store, 2, 600, &ana).await;
    table.set_ticket_counter(3).await;
    table.lose_log_entry(1, 1).await;
    let (mut checked, mut broken, mut after, mut calls) = (0, Vec::new(), None, 0);
    loop {
        let page = store.verify_page(after.as_deref(), too_late()).await.unwrap();
        checked += page.checked;
        broken.extend(page.broken.into_iter().map(|broken| (broken.ticket.get(), broken.first_broken_seq)));
        calls += 1;
        assert!(calls < 20, "it comes to its end");
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((checked, broken), (3, vec![(1, Some(1))]));
}
