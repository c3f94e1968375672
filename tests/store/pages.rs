//! Pages end by bytes and are full if there is more, long texts are stored once, and logs are
//! verified in parts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::TicketNumber;
use domain::lifecycle::Status;
use domain::log::{FieldValue, LogEntry};
use domain::permission::Actor;
use domain::text::{CommentBody, PersonName};
use domain::ticket::{Change, CommandRequest, Outcome, Ticket, TicketPatch};
use domain::time::Timestamp;
use domain::user::{Person, Role};
use edges::clock::{self, Deadline};
use edges::store::{
    AssigneeFilter, LogKind, LogOrder, PAGE_BYTES_MAX, Store, TicketFilter, VerificationProgress, Verified,
};
use serde_json::{Value, json};

use crate::people::{account, opened, opening};
use crate::table::Table;

/// Returns a longest text of a comment or a description, 10,000 characters of four bytes. No two
/// are alike.
fn longest(number: usize) -> String {
    let number = format!("{number:04}");
    number.clone() + &"\u{1F5A8}".repeat(10_000 - number.len())
}

fn commented(ticket: Ticket, actor: &Person, text: String) -> Change {
    let body = CommentBody::parse(text).unwrap();
    ticket.comment(body, Actor::of(actor), [clock::stamp(), clock::stamp()]).unwrap()
}

fn described(ticket: Ticket, actor: &Person, text: &str) -> Change {
    let patch = TicketPatch::from_body(json!({ "description": text })).unwrap();
    match ticket.patch(patch, Actor::of(actor), clock::stamp()).unwrap() {
        Outcome::Changed(change) => *change,
        Outcome::Unchanged(_) => panic!("the description changes"),
    }
}

async fn commit(store: &Store, change: Change) -> Ticket {
    store.commit(&change, None).await.unwrap();
    change.ticket
}

/// The entries of a log that one transaction writes: it has at most 100 items, and one is the head.
const ENTRIES_AT_ONCE: usize = 99;

/// Makes the changes to a ticket one after the other, and commits this many together.
async fn commit_together(
    store: &Store,
    mut ticket: Ticket,
    at_once: usize,
    changes: impl Iterator<Item = impl FnOnce(Ticket) -> Change>,
) -> Ticket {
    let mut changes = changes.peekable();
    while changes.peek().is_some() {
        let expected_seq = ticket.head.seq;
        let mut entries = Vec::new();
        for change in changes.by_ref().take(at_once) {
            let made = change(ticket);
            entries.extend(made.entries);
            ticket = made.ticket;
        }
        ticket = commit(store, Change { ticket, entries, expected_seq, needs_technician: None }).await;
    }
    ticket
}

/// Reads all pages of this many entries.
async fn pages(store: &Store, ticket: &Ticket, kind: LogKind, order: LogOrder, limit: usize) -> Vec<Vec<LogEntry>> {
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let page = store.log(&ticket.head, kind, order, after.as_deref(), limit).await.unwrap();
        pages.push(page.items);
        after = page.next;
        if after.is_none() {
            return pages;
        }
    }
}

#[tokio::test]
async fn events_are_found_behind_many_comments_and_long_comments_end_a_page() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let ticket = opened(store, 1, &ana).await;
    let author = &ana;
    let comments = (0..330).map(|number| move |ticket| commented(ticket, author, longest(number)));
    // A transaction has at most 4 MB.
    let mut ticket = commit_together(store, ticket, 80, comments).await;
    for text in ["one", "two", "three"] {
        ticket = commit(store, described(ticket, &ana, text)).await;
    }
    let events = pages(store, &ticket, LogKind::Events, LogOrder::OldestFirst, 25).await;
    assert_eq!(events.iter().map(Vec::len).collect::<Vec<usize>>(), [4], "one full page, across 13 MB of comments");

    let comments = pages(store, &ticket, LogKind::Comments, LogOrder::OldestFirst, 100).await;
    for page in &comments {
        // One more call returns at most 1 MB.
        let bytes: usize = page.iter().map(|entry| entry.body.as_ref().unwrap().as_str().len()).sum();
        assert!(bytes < PAGE_BYTES_MAX + 1_048_576, "{bytes}");
    }
    let seqs: Vec<u64> = comments.concat().iter().map(|entry| entry.seq).collect();
    assert_eq!(seqs, (2..=331).collect::<Vec<u64>>(), "each once");
}

/// Returns the old and the new description of each edit.
fn edits(entries: &[LogEntry]) -> Vec<(Option<FieldValue>, Option<FieldValue>)> {
    let changes = entries.iter().filter(|entry| entry.seq > 1).flat_map(|entry| entry.changes.clone());
    changes.map(|change| (change.old, change.new)).collect()
}

#[tokio::test]
async fn an_edit_shows_the_old_text_on_any_page_in_either_order() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let mut ticket = opened(store, 1, &ana).await;
    let texts = ["Every second page.", "A", "B", "C", "D"];
    for text in &texts[1..] {
        ticket = commit(store, commented(ticket, &ana, "Hello?".to_owned())).await;
        let mut change = described(ticket, &ana, text);
        if *text == "B" {
            // As an earlier version wrote it.
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

/// Returns whether ticket and log verify.
pub(crate) async fn is_intact(store: &Store, number: TicketNumber) -> bool {
    let verified = store.verify(number, None, in_time()).await.unwrap();
    matches!(verified, Some(Verified::Complete(whole)) if whole.intact)
}

/// Returns a deadline that no engine exceeds.
fn in_time() -> Deadline {
    Deadline::at(clock::now().plus_seconds(600))
}

/// Returns a deadline that has passed. Each call still checks some entries.
const fn too_late() -> Deadline {
    Deadline::at(Timestamp::UNIX_EPOCH)
}

/// Returns a ticket with this many entries, some of them edits of its description.
async fn ticket_with_entries(store: &Store, number: u64, entries: u64, ana: &Person) -> Ticket {
    let ticket = opened(store, number, ana).await;
    let changes = (2..=entries).map(|seq| {
        move |ticket| {
            if seq % 249 == 0 {
                described(ticket, ana, &format!("As of {seq}."))
            } else {
                commented(ticket, ana, format!("Comment {seq}."))
            }
        }
    });
    commit_together(store, ticket, ENTRIES_AT_ONCE, changes).await
}

#[tokio::test]
async fn a_huge_ticket_is_verified_in_parts_with_the_same_result() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let ticket = ticket_with_entries(store, 1, 2_000, &ana).await;
    let number = ticket.head.number;
    for lost in [None, Some(1_700), Some(2_000)] {
        if let Some(seq) = lost {
            table.lose_log_entry(1, seq).await;
        }
        let Some(Verified::Complete(whole)) = store.verify(number, None, in_time()).await.unwrap() else {
            panic!("there is time for everything");
        };
        let first_lost = lost.map(|_| 1_700);
        assert_eq!(whole.entries, first_lost.unwrap_or(2_000), "nothing after a lost entry is checked");
        assert_eq!((whole.intact, whole.first_broken_seq), (lost.is_none(), first_lost));
        let (mut parts, mut begun) = (0, None);
        let at_once = whole;
        let in_parts = loop {
            match store.verify(number, begun, too_late()).await.unwrap().unwrap() {
                Verified::Complete(whole) => break whole,
                Verified::Partial { progress, head_hash } => {
                    parts += 1;
                    assert_eq!((progress.entries(), head_hash), (250 * parts, ticket.head.hash));
                    begun = VerificationProgress::read(&progress.written().unwrap(), number);
                    assert!(begun.is_some());
                }
            }
        };
        assert_eq!((parts, in_parts), (if lost.is_none() { 7 } else { 6 }, at_once));
    }
}

/// Returns the cursor after the first 250 entries of a ticket were verified and the time ran out.
async fn cursor_after_first_part(store: &Store, number: TicketNumber) -> String {
    match store.verify(number, None, too_late()).await.unwrap() {
        Some(Verified::Partial { progress, .. }) => progress.written().unwrap(),
        other => panic!("verification takes more than one call: {other:?}"),
    }
}

/// Returns variants of a JSON document, each with one value, at any depth, replaced.
fn altered(document: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    let members: Vec<(String, &Value)> = match document {
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), value)).collect(),
        _ => Vec::new(),
    };
    for (name, value) in members {
        let with = |other: Value| {
            let mut document = document.clone();
            document[name.as_str()] = other;
            document
        };
        for other in [json!(0), json!(u64::MAX), json!(-1), json!("x".repeat(1_025)), json!(null), json!([]), json!({})]
        {
            all.push((format!("{name}: {}", other.to_string().chars().take(30).collect::<String>()), with(other)));
        }
        all.extend(altered(value).into_iter().map(|(what, inner)| (format!("{name}.{what}"), with(inner))));
    }
    all
}

/// An invented cursor is refused, or verification continues from it. It never fails.
#[tokio::test]
async fn no_altered_verification_cursor_causes_a_failure() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let number = ticket_with_entries(store, 1, 251, &ana).await.head.number;
    let other = opened(store, 2, &ana).await.head.number;
    let written = cursor_after_first_part(store, number).await;
    assert!(VerificationProgress::read(&written, other).is_none(), "of another ticket");
    let document: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&written).unwrap()).unwrap();
    let encoded = |document: &Value| URL_SAFE_NO_PAD.encode(document.to_string());
    let (mut refused, mut taken) = (0, 0);
    for (what, document) in altered(&document) {
        match VerificationProgress::read(&encoded(&document), number) {
            None => refused += 1,
            Some(begun) => {
                store.verify(number, Some(begun), in_time()).await.unwrap_or_else(|error| panic!("{what}: {error}"));
                taken += 1;
            }
        }
    }
    assert!(refused > 50 && taken > 5, "{refused} refused, {taken} taken");
    // All positions in it changed.
    for (entries, verified) in [(249, true), (u64::MAX, true), (0, false), (251, true)] {
        let mut elsewhere = document.clone();
        for place in ["/verifier/entries", "/verifier/folded/seq"] {
            *elsewhere.pointer_mut(place).unwrap() = json!(entries);
        }
        let begun = VerificationProgress::read(&encoded(&elsewhere), number).unwrap();
        let whole = store.verify(number, Some(begun), in_time()).await.unwrap();
        assert!(matches!(whole, Some(Verified::Complete(whole)) if !whole.intact), "{entries} {verified}");
    }
    let mut long = document.clone();
    long["last_key"] = json!("x".repeat(VerificationProgress::WRITTEN_BYTES_MAX));
    for wrong in ["", "x", "e30", &encoded(&long), &encoded(&json!({"verifier": null}))] {
        assert!(VerificationProgress::read(wrong, number).is_none(), "{wrong}");
    }
    // As an earlier version wrote it for a log with a broken entry, after which it continued.
    let mut broken = document;
    broken["verifier"]["folded"] = json!(null);
    broken["verifier"]["first_broken_seq"] = json!(7);
    let begun = VerificationProgress::read(&encoded(&broken), number);
    let Some(Verified::Complete(whole)) = store.verify(number, begun, in_time()).await.unwrap() else {
        panic!("nothing is left to verify");
    };
    assert_eq!((whole.intact, whole.first_broken_seq), (false, Some(7)));
}

/// The bytes of a request line and headers that API Gateway accepts ("Quotas for configuring and
/// running an HTTP API").
const REQUEST_BYTES_MAX: usize = 10_240;
/// The bytes for a client's own headers and the longest access token: 400 bytes of a name make 534
/// of a token.
const OTHER_BYTES: usize = 3_000;

#[tokio::test]
async fn the_cursor_of_the_largest_ticket_fits_into_a_request() {
    let table = Table::new().await;
    let store = &table.store;
    let text = |characters: usize| "\u{1F5A8}".repeat(characters);
    let (mut ana, mut tina) = (account(store, "Ana", Role::User).await, account(store, "Tina", Role::Technician).await);
    for person in [&mut ana, &mut tina] {
        person.name = PersonName::parse(text(100)).unwrap();
    }
    let tags: Vec<String> = (0..10).map(|tag| format!("{tag}{}", text(29))).collect();
    let fields = json!({
        "title": text(150), "category": text(50), "tags": tags, "priority": "urgent", "follow_up_of": TicketNumber::MAX
    });
    let opening = opening(TicketNumber::MAX, &ana, &fields);
    let mut ticket = commit(store, opening).await;
    match ticket.assign(tina.id, Some(tina.clone()), Actor::of(&tina), clock::stamp()).unwrap() {
        Outcome::Changed(change) => ticket = commit(store, *change).await,
        Outcome::Unchanged(_) => panic!("the ticket has no assignee"),
    }
    let solved = CommandRequest::resolve(json!({"resolution": text(2_000)})).unwrap();
    ticket = commit(store, ticket.execute(solved, Actor::of(&tina), clock::stamp()).unwrap()).await;
    let author = &tina;
    let comments = (3..251).map(|_| |ticket| commented(ticket, author, "Done.".to_owned()));
    let ticket = commit_together(store, ticket, ENTRIES_AT_ONCE, comments).await;
    let cursor = cursor_after_first_part(store, ticket.head.number).await;
    let request = format!("GET /v1/tickets/{}/verify?cursor={cursor} HTTP/1.1", ticket.head.number);
    assert!(cursor.len() > 4_500, "{}", cursor.len());
    assert!(request.len() + OTHER_BYTES < REQUEST_BYTES_MAX, "{}", request.len());
    let begun = VerificationProgress::read(&cursor, ticket.head.number);
    assert!(begun.is_some(), "{} bytes", cursor.len());
    assert!(
        matches!(store.verify(ticket.head.number, begun, in_time()).await.unwrap(), Some(Verified::Complete(whole)) if whole.intact)
    );
}

/// Positions in lists of tickets and of logs have only one spelling.
#[tokio::test]
async fn a_position_in_a_list_has_only_one_spelling() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let head = opened(store, 5, &ana).await.head;
    table.set_ticket_counter(5).await;
    for (after, known) in [("1", true), ("01", false), ("+1", false), (" 1", false), ("1.0", false), ("x", false)] {
        let read = store.log(&head, LogKind::Comments, LogOrder::OldestFirst, Some(after), 1).await;
        assert_eq!(read.is_ok(), known, "{after}");
        let both = store.log_with_notes(&head, LogOrder::OldestFirst, Some(&format!("{after}/")), 1).await;
        assert_eq!(both.is_ok(), known, "{after}/");
    }
    let requester = TicketFilter { requester: Some(ana.id), ..TicketFilter::default() };
    let assignee = TicketFilter { assignee: Some(AssigneeFilter::Is(ana.id)), ..TicketFilter::default() };
    let status = |status| TicketFilter { status: Some(status), ..TicketFilter::default() };
    for (filter, after) in [
        (TicketFilter::default(), "000000000009"),
        (requester, "9"),
        (assignee, "1#3#000000000009"),
        (status(Status::Open), "3#000000000009"),
        (status(Status::Closed), "000000000009"),
    ] {
        assert!(store.list_tickets(&filter, Some(after), 1).await.is_ok(), "{after}");
        for wrong in
            [format!("0{after}"), format!("+{after}"), after.replace('9', "+9"), format!("{after} "), "x".to_owned()]
        {
            assert!(store.list_tickets(&filter, Some(&wrong), 1).await.is_err(), "{wrong}");
        }
    }
    for (after, known) in
        [("000000000009", true), ("9", false), ("+1", false), ("01", false), ("0000000000265", false), ("", false)]
    {
        assert_eq!(store.verify_page(Some(after), in_time()).await.is_ok(), known, "{after}");
    }
}

#[tokio::test]
async fn a_huge_ticket_does_not_block_the_verification_of_older_ones() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    for number in [1, 3] {
        opened(store, number, &ana).await;
    }
    ticket_with_entries(store, 2, 600, &ana).await;
    table.set_ticket_counter(3).await;
    table.lose_log_entry(1, 1).await;
    let (mut checked, mut broken, mut after, mut calls) = (0, Vec::new(), None, 0);
    loop {
        let page = store.verify_page(after.as_deref(), too_late()).await.unwrap();
        checked += page.checked;
        broken.extend(page.broken.into_iter().map(|broken| (broken.ticket.get(), broken.first_broken_seq)));
        calls += 1;
        assert!(calls < 20, "the run ends");
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((checked, broken), (3, vec![(1, Some(1))]));
}

#[tokio::test]
async fn a_position_outside_a_log_begins_at_its_end_or_is_past_it() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let mut ticket = opened(store, 1, &ana).await;
    for text in ["Hello?", "Is this on?"] {
        ticket = commit(store, commented(ticket, &ana, text.to_owned())).await;
    }
    let last = u64::MAX.to_string();
    for (order, after, expected) in [
        (LogOrder::OldestFirst, "0", &[1, 2, 3][..]),
        (LogOrder::OldestFirst, "2", &[3]),
        (LogOrder::OldestFirst, "3", &[]),
        (LogOrder::OldestFirst, &last, &[]),
        (LogOrder::NewestFirst, &last, &[3, 2, 1]),
        (LogOrder::NewestFirst, "4", &[3, 2, 1]),
        (LogOrder::NewestFirst, "1", &[]),
        (LogOrder::NewestFirst, "0", &[]),
    ] {
        let page = store.log(&ticket.head, LogKind::All, order, Some(after), 3).await.unwrap();
        let seqs: Vec<u64> = page.items.iter().map(|entry| entry.seq).collect();
        assert_eq!((seqs.as_slice(), page.next), (expected, None), "{order:?} after {after}");
    }
}
