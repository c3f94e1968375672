//! The chain holds over any sequence of commands and breaks at any altered field. Its bytes are the
//! documented ones.

use serde_json::{Value, json};

use super::*;
use crate::id::TicketNumber;
use crate::lifecycle::{EventType, Status};
use crate::permission::Actor;
use crate::samples::{ada, assigned, minute, opened, otto, resolve, rita, scene, stamp, ticket_in, tina, tom};
use crate::stamp::{STAMP_RANDOM_BYTES, Salt, Stamp};
use crate::text::{Category, CommentBody, Description, Reason, Tag, Title};
use crate::ticket::{Change, CommandRequest, Head, NewTicket, Outcome, Priority, Ticket, TicketPatch, Verifier};
use crate::user::Person;

mod verification;

/// A generator of pseudo-random numbers that are the same on every run (Numerical Recipes §7.1).
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

/// Makes an arbitrary change to the ticket, with a clock that may lag. Returns `None` if it was
/// refused or changes nothing.
fn any_change(ticket: Ticket, numbers: &mut Numbers, random: u8) -> Option<Change> {
    let people = [rita(), tina(), tom(), ada()];
    let actor = people[numbers.below(people.len())].clone();
    let clock = minute(u8::try_from(numbers.below(60)).unwrap());
    let stamp = Stamp::new(clock, [random; STAMP_RANDOM_BYTES]);
    let ticket = Ticket { assignee_left: numbers.below(4) == 0, ..ticket };
    let request = match numbers.below(10) {
        8 | 9 => {
            return match ticket.patch(any_patch(numbers), Actor::of(&actor), stamp) {
                Ok(Outcome::Changed(change)) => Some(*change),
                _ => None,
            };
        }
        0 => return ticket.comment(comment_body(), Actor::of(&actor), [stamp, stamp]).ok(),
        1 | 2 => {
            let to = people[1 + numbers.below(2)].clone();
            return match ticket.assign(to.id, Some(to), Actor::of(&actor), stamp) {
                Ok(Outcome::Changed(change)) => Some(*change),
                _ => None,
            };
        }
        3 => CommandRequest::Release(Reason::parse("Not mine.".to_owned()).ok()),
        4 => CommandRequest::Reopen(None),
        5 => CommandRequest::Close(None),
        // Rarely, because otherwise few tickets would get further.
        6 if random.is_multiple_of(4) => CommandRequest::Withdraw(None),
        _ => resolve(&format!("Resolution {random}")),
    };
    ticket.execute(request, Actor::of(&actor), stamp).ok()
}

fn any_patch(numbers: &mut Numbers) -> TicketPatch {
    let description = format!("D{}", numbers.below(4));
    let all = json!({"title": "T", "description": description, "priority": "low", "category": null, "tags": ["x"]});
    let mut body = all.as_object().unwrap().clone();
    body.retain(|_, _| numbers.below(3) == 0);
    if numbers.below(2) == 0 && body.contains_key("category") {
        body["category"] = json!("C");
    }
    TicketPatch::from_body(Value::Object(body)).unwrap()
}

/// Returns a ticket on which sixty changes were tried, and its whole log.
fn any_course(seed: u32) -> (Ticket, Vec<LogEntry>) {
    let mut numbers = Numbers(seed);
    let Change { mut ticket, entries: mut log, .. } = opened(&rita());
    for random in 2..62 {
        let version = ticket.head.seq;
        if let Some(change) = any_change(ticket.clone(), &mut numbers, random) {
            assert_eq!(change.expected_seq, version, "the version that the change is based on");
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
        assert_eq!(entry.id.as_bytes()[..6], milliseconds[2..], "the id begins with the entry's time: {entry:?}");
        last = (entry.seq, entry.hash);
    }
    for pair in log.windows(2) {
        assert!(pair[0].at < pair[1].at, "{pair:?}");
        assert!(pair[0].id < pair[1].id, "{pair:?}");
    }
}

#[test]
fn every_log_is_numbered_without_gaps_and_chained_up_to_the_head() {
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
fn the_head_is_the_fold_of_the_log() {
    for seed in 0..200 {
        let (ticket, log) = any_course(seed);
        let folded = log.iter().fold(None, |head, entry| Some(Head::after(head, entry).unwrap()));
        assert_eq!(folded, Some(ticket.head), "seed {seed}");
    }
}

/// A rule made later for new texts must not break a log written before it.
#[test]
fn a_log_with_texts_that_are_no_longer_valid_is_still_intact() {
    let refused = "\u{3164}";
    let new = NewTicket {
        title: Title::from_stored(refused.to_owned()),
        description: Description::from_stored(refused.to_owned()),
        priority: Priority::Normal,
        category: Some(Category::from_stored(refused.to_owned())),
        tags: vec![Tag::from_stored(refused.to_owned()), Tag::from_stored(refused.to_owned())],
        requester: None,
        follow_up_of: None,
    };
    let Change { ticket, entries, .. } =
        Ticket::open(TicketNumber::new(1).unwrap(), new, rita(), Actor::of(&rita()), stamp(1));
    let mut verifier = Verifier::new(ticket.head.number);
    for entry in &entries {
        verifier.take(Some(entry.clone()));
    }
    assert!(verifier.finish(&ticket.head).intact);
}

#[test]
fn only_the_desks_own_reasons_are_recognised() {
    let system = Person::system();
    let resolved = || ticket_in(Status::Resolved, &rita());
    let closed = |actor: &Person, reason: Reason| {
        resolved().execute(CommandRequest::Close(Some(reason)), Actor::of(actor), stamp(9)).unwrap().entries.remove(0)
    };
    let one_day = DeskReason::ResolvedFor { days: 1 }.for_log();
    assert_eq!(one_day.as_str(), "Resolved for 1 day.");
    let older_text = Reason::parse("Resolved for 1 days.".to_owned()).unwrap();
    assert_eq!(DeskReason::of(&closed(&system, older_text)), Some(DeskReason::ResolvedFor { days: 1 }));
    for days in [1, 5, 365] {
        let reason = DeskReason::ResolvedFor { days };
        assert_eq!(DeskReason::of(&closed(&system, reason.for_log())), Some(reason));
        assert!(Reason::parse(reason.for_log().as_str().to_owned()).is_ok(), "the reason is within the limits");
    }
    let five_days = DeskReason::ResolvedFor { days: 5 }.for_log();
    assert_eq!(five_days.as_str(), "Resolved for 5 days.", "existing logs have this text");
    assert_eq!(DeskReason::of(&closed(&rita(), five_days)), None, "a person gave this reason");
    let other = Reason::parse("Resolved for good.".to_owned()).unwrap();
    assert_eq!(DeskReason::of(&closed(&system, other)), None);

    let left = DeskReason::AssigneeLeft.for_log();
    assert_eq!(left.as_str(), "Its assignee is no active technician any more.", "existing logs have this text");
    assert!(Reason::parse(left.as_str().to_owned()).is_ok(), "the reason is within the limits");
    let released = |actor: &Person| {
        let release = CommandRequest::Release(Some(left.clone()));
        ticket_in(Status::InProgress, &rita()).execute(release, Actor::of(actor), stamp(9)).unwrap().entries.remove(0)
    };
    assert_eq!(DeskReason::of(&released(&ada())), Some(DeskReason::AssigneeLeft));
    assert_eq!(DeskReason::of(&released(&tina())), None, "the assignee gave this reason");
    assert_eq!(DeskReason::of(&LogEntry { changes: Vec::new(), ..released(&ada()) }), None, "no assignee was released");
}

#[test]
fn a_reopening_belongs_only_to_the_comment_that_caused_it() {
    let resolved = || ticket_in(Status::Resolved, &rita());
    let by_comment = resolved().comment(comment_body(), Actor::of(&rita()), [stamp(9), stamp(10)]).unwrap().entries;
    assert!(by_comment[1].is_reopening_by(&by_comment[0]));
    assert!(!by_comment[0].is_reopening_by(&by_comment[1]));
    // A technician's comment reopens nothing. The reopening that follows it is separate.
    let comment = resolved().comment(comment_body(), Actor::of(&tina()), [stamp(9), stamp(10)]).unwrap();
    let reopened = comment.ticket.execute(CommandRequest::Reopen(None), Actor::of(&tina()), stamp(11)).unwrap();
    assert!(!reopened.entries[0].is_reopening_by(&comment.entries[0]));
}

/// Returns an entry of each kind. Every field is present in at least one of them.
fn entries_of_every_kind() -> Vec<LogEntry> {
    let reason = Reason::parse("Because.".to_owned()).ok();
    let changes = [
        opened(&rita()),
        assigned(ticket_in(Status::InProgress, &rita()), &tom(), &tina(), 9),
        ticket_in(Status::InProgress, &rita())
            .execute(CommandRequest::Release(reason), Actor::of(&tina()), stamp(9))
            .unwrap(),
        ticket_in(Status::Resolved, &rita())
            .comment(comment_body(), Actor::of(&rita()), [stamp(9), stamp(10)])
            .unwrap(),
        ticket_in(Status::Resolved, &rita())
            .execute(CommandRequest::Close(None), Actor::of(&rita()), stamp(9))
            .unwrap(),
        ticket_in(Status::Resolved, &rita())
            .execute(CommandRequest::Close(None), Actor::of(&tom()).acting_for(&rita()), stamp(9))
            .unwrap(),
    ];
    changes.into_iter().flat_map(|change| change.entries).collect()
}

/// Collects the pointers (RFC 6901) to all values of a document that contain no others, and to its
/// lists.
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

/// Returns the values that can replace `value` so that the entry is still well-formed.
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

/// Returns every entry that differs from this one in a single value, with the pointer to it.
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

#[test]
fn changing_any_value_of_an_entry_breaks_the_chain() {
    let mut changed_pointers = Vec::new();
    for entry in entries_of_every_kind() {
        // The location of an old text is not part of what happened. The verifier checks it against
        // the head.
        for (pointer, altered) in alterations(&entry).into_iter().filter(|(pointer, _)| !pointer.ends_with("/old_seq"))
        {
            // The hash itself is what is compared.
            let whole = altered.computed_hash() == altered.hash;
            assert!(!whole, "{pointer} of {entry:?} as in {altered:?}");
            changed_pointers.push(pointer);
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
        "/via/id",
        "/via/role",
        "/via/name",
    ] {
        assert!(changed_pointers.iter().any(|pointer| pointer == field), "{field} was not changed");
    }
}

#[test]
fn adding_or_removing_the_service_account_breaks_the_chain() {
    for entry in entries_of_every_kind() {
        for via in [None, Some(tom()), Some(rita())].into_iter().filter(|via| *via != entry.via) {
            let altered = LogEntry { via, ..entry.clone() };
            assert_ne!(altered.computed_hash(), entry.hash, "{altered:?}");
        }
    }
}

#[test]
fn swapping_or_moving_texts_breaks_the_chain() {
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

/// The hashes of these entries as another program (Python's hashlib) computed them from the
/// description at the top of the module. If one changes, every log ever written is broken. The fix
/// is a new version of the format, not a new hash here.
#[test]
fn the_canonical_bytes_match_the_specification() {
    let hashes: Vec<String> = entries_of_every_kind()
        .iter()
        .map(|entry| format!("{:<12}{}", entry.event_type.as_str(), entry.hash))
        .collect();
    assert_eq!(
        hashes,
        [
            "opened      b719402b6ab86c6e62e56c7dc7cf1f048bd1aabd0620fa93a04a8e29a4b67b2e",
            "handed_over 5ae2a9c80d7d37fd66d6179759d86fcc96007b114ea73e364de19a9436d5be80",
            "released    85706614adcc0d3684e1ba4e82a1f82c3649299c9f041e2db96a64fbbf67920e",
            "commented   bb848dbd9b31c6589c3a86489a5a5938cdad9381f7f3231b10b25f39826e9250",
            "reopened    b22be34c6f87d6ba88298a9d014b04d33cd55f7f3118c373e8c5b2aa1a483a26",
            "closed      c8c2e80e2be4c0c39e475f327e36e00fa67a35b3d3af834dd47c0d7d8ac70ebe",
            "closed      b4546b114ead346c463ba39e7acd55e14a6e13b43bc32f03aa833e4370cbe85b",
        ]
    );
}

#[test]
fn a_stored_entry_round_trips() {
    for entry in entries_of_every_kind() {
        let stored = serde_json::to_string(&entry).unwrap();
        assert_eq!(serde_json::from_str::<LogEntry>(&stored).unwrap(), entry);
    }
}

#[test]
fn hashes_and_salts_are_parsed_only_from_exactly_their_digits() {
    for (digits, accepted) in [(64, true), (63, false), (66, false), (0, false)] {
        assert_eq!(Hash::try_from("a".repeat(digits)).is_ok(), accepted, "{digits}");
        assert_eq!(Salt::try_from("a".repeat(digits / 2)).is_ok(), accepted, "{digits}");
    }
    assert!(Hash::try_from("g".repeat(64)).is_err());
    assert!(Hash::try_from("ä".repeat(32)).is_err());
    assert_eq!(Hash::try_from("0f".repeat(32)).unwrap().to_string(), "0f".repeat(32));
}

#[test]
fn debug_output_hides_a_salt() {
    let entry = &opened(&scene("requester").requester).entries[0];
    let salt = String::from(entry.salt);
    assert!(!format!("{entry:?}").contains(&salt));
}
