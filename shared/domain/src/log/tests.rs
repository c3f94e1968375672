//! The chain holds over any course of commands, breaks at any altered field, and its bytes are the documented ones.

use serde_json::{Value, json};

use super::*;
use crate::samples::{ada, assigned, minute, opened, otto, resolve, rita, scene, stamp, ticket_in, tina, tom};
use crate::stamp::STAMP_RANDOM_BYTES;
use crate::text::{Category, Tag, Title};
use crate::ticket::{Change, CommandRequest, Head, Outcome, Priority, Ticket};

/// Numbers that look random and are the same on every run (the generator of Numerical Recipes §7.1).
struct Numbers(u32);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        usize::try_from(self.0 >> 8).unwrap() % bound
    }
}

fn comment_body() -> CommentBody {
    CommentBody::parse("It still smells.".to_owned()).unwrap()
}

/// Somebody does something to the ticket, by a clock that may lag; none if it was refused or changes nothing.
fn any_change(ticket: Ticket, numbers: &mut Numbers, random: u8) -> Option<Change> {
    let people = [rita(), tina(), tom(), ada()];
    let actor = people[numbers.below(people.len())].clone();
    let clock = minute(u8::try_from(numbers.below(60)).unwrap());
    let stamp = Stamp::new(clock, [random; STAMP_RANDOM_BYTES]);
    let request = match numbers.below(8) {
        0 => return ticket.comment(comment_body(), &actor, [stamp, stamp]).ok(),
        1 | 2 => {
            let to = people[1 + numbers.below(2)].clone();
            return match ticket.assign(to.id, Some(to), &actor, stamp) {
                Ok(Outcome::Changed(change)) => Some(*change),
                _ => None,
            };
        }
        3 => CommandRequest::Release(Reason::parse("Not mine.".to_owned()).ok()),
        4 => CommandRequest::Reopen(None),
        5 => CommandRequest::Close(None),
        // Seldom, or few tickets would get further.
        6 if random.is_multiple_of(4) => CommandRequest::Withdraw(None),
        _ => resolve(&format!("Resolution {random}")),
    };
    ticket.execute(request, &actor, stamp).ok()
}

/// A ticket as it is after sixty attempts, and its whole log.
fn any_course(seed: u32) -> (Ticket, Vec<LogEntry>) {
    let mut numbers = Numbers(seed);
    let Change { mut ticket, entries: mut log, .. } = opened(&rita());
    for random in 2..62 {
        let version = ticket.head.seq;
        if let Some(change) = any_change(ticket.clone(), &mut numbers, random) {
            assert_eq!(change.seen_seq, version, "the version it was decided on");
            ticket = change.ticket;
            log.extend(change.entries);
        }
    }
    (ticket, log)
}

fn assert_is_chain(log: &[LogEntry]) {
    let mut last = (0, Hash::ZERO);
    for entry in log {
        assert_eq!((entry.seq, entry.previous_hash), (last.0 + 1, last.1));
        assert_eq!(entry.hash, entry.computed_hash(), "{entry:?}");
        let milliseconds = entry.at.unix_milliseconds().to_be_bytes();
        assert_eq!(entry.id.as_bytes()[..6], milliseconds[2..], "the id is made of the entry's time: {entry:?}");
        last = (entry.seq, entry.hash);
    }
    for pair in log.windows(2) {
        assert!(pair[0].at < pair[1].at, "{pair:?}");
        assert!(pair[0].id < pair[1].id, "{pair:?}");
    }
}

#[test]
fn every_log_counts_from_one_without_gaps_chains_and_ends_in_the_head() {
    let mut types = Vec::new();
    for seed in 0..200 {
        let (ticket, log) = any_course(seed);
        assert_is_chain(&log);
        let last = log.last().unwrap();
        assert_eq!((ticket.head.seq, ticket.head.hash), (last.seq, last.hash));
        assert_eq!(ticket.head.updated_at, last.at);
        types.extend(log.iter().map(|entry| entry.event_type));
    }
    for event_type in EventType::ALL {
        assert!(types.contains(&event_type), "{event_type:?} never happened");
    }
}

#[test]
fn the_head_is_the_fold_of_its_log() {
    for seed in 0..200 {
        let (ticket, log) = any_course(seed);
        assert_eq!(folded(&log), ticket.head, "seed {seed}");
    }
}

/// The head that a log tells of, and nothing but the log.
fn folded(log: &[LogEntry]) -> Head {
    let (first, last) = (&log[0], log.last().unwrap());
    let value = |field: Field| {
        let mut changes = log.iter().rev().flat_map(|entry| &entry.changes);
        changes.find(|change| change.field == field)?.new.clone()
    };
    let text = |field: Field| match value(field) {
        Some(FieldValue::Text(text)) => Some(text),
        _ => None,
    };
    let person = |field: Field| match value(field) {
        Some(FieldValue::Person(person)) => Some(person),
        _ => None,
    };
    let last_of = |event_type| log.iter().rev().find(|entry| entry.event_type == event_type);
    let resolved = last_of(EventType::Resolved).filter(|_| text(Field::Resolution).is_some());
    let status = log.iter().rev().find_map(|entry| entry.to_status).unwrap();
    let closed = last_of(EventType::Closed).or_else(|| last_of(EventType::Withdrawn));
    Head {
        number: first.ticket,
        title: Title::parse(text(Field::Title).unwrap()).unwrap(),
        status,
        priority: Priority::named(&text(Field::Priority).unwrap()).unwrap(),
        category: text(Field::Category).map(|text| Category::parse(text).unwrap()),
        tags: match value(Field::Tags) {
            Some(FieldValue::Texts(tags)) => tags.into_iter().map(|tag| Tag::parse(tag).unwrap()).collect(),
            _ => Vec::new(),
        },
        requester: person(Field::Requester).unwrap(),
        assignee: person(Field::Assignee),
        follow_up_of: match value(Field::FollowUpOf) {
            Some(FieldValue::Ticket(number)) => Some(number),
            _ => None,
        },
        created_at: first.at,
        updated_at: last.at,
        resolved_at: resolved.map(|entry| entry.at),
        closed_at: closed.map(|entry| entry.at),
        seq: last.seq,
        hash: last.hash,
        resolution_seq: resolved.map(|entry| entry.seq),
    }
}

/// An entry of each kind, with every field filled somewhere.
fn entries_of_every_kind() -> Vec<LogEntry> {
    let reason = Reason::parse("Because.".to_owned()).ok();
    let changes = [
        opened(&rita()),
        assigned(ticket_in(Status::InProgress, &rita()), &tom(), &tina(), 9),
        ticket_in(Status::InProgress, &rita()).execute(CommandRequest::Release(reason), &tina(), stamp(9)).unwrap(),
        ticket_in(Status::Resolved, &rita()).comment(comment_body(), &rita(), [stamp(9), stamp(10)]).unwrap(),
        ticket_in(Status::Resolved, &rita()).execute(CommandRequest::Close(None), &rita(), stamp(9)).unwrap(),
    ];
    changes.into_iter().flat_map(|change| change.entries).collect()
}

/// The pointers (RFC 6901) to all values of a document that hold no others, and to its lists.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                pointers(member, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &format!("{at}/{index}"), found);
            }
            found.push(at.to_owned());
        }
        _ => found.push(at.to_owned()),
    }
}

/// What can stand in the place of `value`, so that the entry still is one.
fn others(pointer: &str, value: &Value) -> Vec<Value> {
    let last = pointer.rsplit('/').next().unwrap();
    let all = match value {
        Value::Array(items) => vec![json!([]), json!(items[..items.len().saturating_sub(1)])],
        Value::Number(number) => vec![json!(number.as_u64().unwrap() + 1), json!(number.to_string()), Value::Null],
        _ => match last {
            "id" | "requester_id" | "assignee_id" => vec![json!(otto().id), Value::Null],
            "at" => vec![json!("2026-01-01T00:09:00.001Z")],
            "type" => vec![json!("withdrawn"), json!("commented")],
            "role" => vec![json!("admin"), json!("user"), json!("technician")],
            "from_status" | "to_status" => vec![json!("open"), json!("resolved"), Value::Null],
            "field" => vec![json!("title"), json!("category")],
            "salt" => vec![json!("00".repeat(16))],
            "hash" | "previous_hash" => vec![json!("11".repeat(32))],
            _ => vec![json!("Another text"), json!(""), json!([value]), json!([]), Value::Null],
        },
    };
    all.into_iter().filter(|other| other != value).collect()
}

/// Every entry that differs from this one in one value alone, with the pointer to it.
fn alterations(entry: &LogEntry) -> Vec<(String, LogEntry)> {
    let document = serde_json::to_value(entry).unwrap();
    let mut found = Vec::new();
    pointers(&document, "", &mut found);
    let mut altered = Vec::new();
    for pointer in found {
        let value = document.pointer(&pointer).unwrap();
        for other in others(&pointer, value) {
            let mut changed = document.clone();
            *changed.pointer_mut(&pointer).unwrap() = other;
            if let Ok(entry) = serde_json::from_value::<LogEntry>(changed) {
                altered.push((pointer.clone(), entry));
            }
        }
    }
    altered
}

/// Whether the chain leaves this value open: what a person is called, so that they can be erased; the salt where it salts
/// nothing; and the hash itself, which is what is compared.
fn is_open(pointer: &str, entry: &LogEntry) -> bool {
    let is_text = |value: &FieldValue| matches!(value, FieldValue::Text(_) | FieldValue::Texts(_));
    let mut values = entry.changes.iter().flat_map(|change| [&change.old, &change.new]);
    let salts =
        entry.reason.is_some() || entry.body.is_some() || values.any(|value| value.as_ref().is_some_and(is_text));
    pointer.ends_with("/name") || pointer == "/hash" || (pointer == "/salt" && !salts)
}

#[test]
fn altering_any_one_value_of_an_entry_breaks_the_chain() {
    let mut walked = Vec::new();
    for entry in entries_of_every_kind() {
        for (pointer, altered) in alterations(&entry) {
            let expected = is_open(&pointer, &entry);
            let whole = altered.computed_hash() == entry.hash;
            assert_eq!(whole, expected, "{pointer} of {entry:?} as in {altered:?}");
            walked.push(pointer);
        }
    }
    for field in [
        "/ticket",
        "/seq",
        "/id",
        "/type",
        "/actor/id",
        "/actor/role",
        "/requester_id",
        "/assignee_id",
        "/at",
        "/from_status",
        "/to_status",
        "/changes",
        "/changes/0/field",
        "/changes/0/old",
        "/changes/0/new",
        "/changes/0/old/id",
        "/changes/0/new/id",
        "/changes/0/old/role",
        "/changes/0/new/role",
        "/changes/4/new",
        "/changes/4/new/1",
        "/changes/6/new",
        "/reason",
        "/body",
        "/salt",
        "/previous_hash",
        "/hash",
        "/actor/name",
    ] {
        assert!(walked.iter().any(|pointer| pointer == field), "{field} was not walked");
    }
}

#[test]
fn swapping_texts_or_moving_one_to_another_place_breaks_the_chain() {
    let original = &entries_of_every_kind()[0];
    let mut swapped = original.clone();
    let (title, others) = swapped.changes.split_first_mut().unwrap();
    std::mem::swap(&mut title.new, &mut others[0].new);
    let mut moved = original.clone();
    let change = &mut moved.changes[0];
    std::mem::swap(&mut change.old, &mut change.new);
    let mut turned = original.clone();
    turned.changes.reverse();
    for altered in [swapped, moved, turned] {
        assert_ne!(altered.computed_hash(), original.hash, "{altered:?}");
    }
}

#[test]
fn an_erased_person_leaves_the_chain_whole() {
    let (_, mut log) = any_course(1);
    let erased = crate::text::PersonName::parse("erased".to_owned()).unwrap();
    for entry in &mut log {
        entry.actor.name = erased.clone();
        for value in entry.changes.iter_mut().flat_map(|change| [&mut change.old, &mut change.new]) {
            if let Some(FieldValue::Person(person)) = value {
                person.name = erased.clone();
            }
        }
    }
    assert_is_chain(&log);
}

/// The hashes of these entries as another program computed them (Python's hashlib) from the description at the top of the
/// module. If one changes, every log ever written is broken: it takes a new version of the format, not a new hash here.
#[test]
fn the_canonical_bytes_are_those_of_the_description() {
    let hashes: Vec<String> = entries_of_every_kind()
        .iter()
        .map(|entry| format!("{:<12}{}", entry.event_type.as_str(), entry.hash))
        .collect();
    assert_eq!(
        hashes,
        [
            "opened      12f57a8217b7792fc95acb4574f123cc4fbc9a869dc24c6f11b7b2b5796fa954",
            "handed_over 09e28533a0cbd761e7bc9f4253f59dc9a3ae26f52cf524bd73220599d6b98949",
            "released    b57886f7895d6b2662205fedf78d7f98a8fd6129ded0d1177e803b7672823818",
            "commented   47c48ec127845e4d76a853c08438409bc9072c116b479c3dd62a47efc6d47a21",
            "reopened    799e42b8c2ca6442a67644c457376614a39eb08ee949e4804f21fa6aaed3144e",
            "closed      cd575ac58a516bb48d48018b0f60f7adcffd611210ea2fd6db8e6045f9d87ad7",
        ]
    );
}

#[test]
fn an_entry_is_stored_and_read_back_as_it_is() {
    for entry in entries_of_every_kind() {
        let stored = serde_json::to_string(&entry).unwrap();
        assert_eq!(serde_json::from_str::<LogEntry>(&stored).unwrap(), entry);
    }
}

#[test]
fn hashes_and_salts_are_read_from_exactly_their_digits() {
    for (digits, accepted) in [(64, true), (63, false), (66, false), (0, false)] {
        assert_eq!(Hash::try_from("a".repeat(digits)).is_ok(), accepted, "{digits}");
        assert_eq!(Salt::try_from("a".repeat(digits / 2)).is_ok(), accepted, "{digits}");
    }
    assert!(Hash::try_from("g".repeat(64)).is_err());
    assert!(Hash::try_from("ä".repeat(32)).is_err());
    assert_eq!(Hash::try_from("0f".repeat(32)).unwrap().to_string(), "0f".repeat(32));
}

#[test]
fn a_salt_is_not_shown_by_debug_output() {
    let entry = &opened(&scene("requester").requester).entries[0];
    let salt = String::from(entry.salt);
    assert!(!format!("{entry:?}").contains(&salt));
}
