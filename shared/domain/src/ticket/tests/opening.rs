//! Opening a ticket, and the body of the request.

use serde_json::{Value, json};

use crate::id::TicketNumber;
use crate::lifecycle::EventType;
use crate::log::Hash;
use crate::permission::Actor;
use crate::samples::{minute, opened, otto, rita, stamp, tom};
use crate::text::Tag;

use super::*;

/// Builds a body with the required fields, plus or overridden by these.
fn body(fields: Value) -> Value {
    let mut body = json!({"title": "Printer is dead", "description": "It smells."});
    let Value::Object(fields) = fields else {
        panic!("an object expected");
    };
    body.as_object_mut().unwrap().extend(fields);
    body
}

fn faults(body: Value) -> Vec<String> {
    let violations = NewTicket::from_body(body).unwrap_err();
    let shown = violations.as_slice().iter();
    shown.map(|fault| format!("{} {}", fault.pointer, fault.detail)).collect()
}

#[test]
fn a_body_needs_only_a_title_and_a_description() {
    let new = NewTicket::from_body(body(json!({}))).unwrap();
    assert_eq!(new.title.as_str(), "Printer is dead");
    assert_eq!(new.description.as_str(), "It smells.");
    assert_eq!(new.priority, Priority::Normal);
    assert_eq!((new.category, new.tags.len()), (None, 0));
    assert!(new.requester.is_none() && new.follow_up_of.is_none());
}

#[test]
fn a_body_may_have_every_documented_field() {
    let new = NewTicket::from_body(body(json!({
        "priority": "urgent",
        "category": "Hardware",
        "tags": ["b", "a"],
        "requester_id": otto().id,
        "follow_up_of": 3
    })))
    .unwrap();
    assert_eq!(new.priority, Priority::Urgent);
    assert_eq!(new.category.unwrap().as_str(), "Hardware");
    let tags: Vec<&str> = new.tags.iter().map(Tag::as_str).collect();
    assert_eq!(tags, ["b", "a"]);
    assert!(matches!(new.requester, Some(NewRequester::Id(id)) if id == otto().id));
    assert_eq!(new.follow_up_of, TicketNumber::new(3));
}

#[test]
fn a_requester_is_named_by_id_or_by_address() {
    let new = |fields| NewTicket::from_body(body(fields)).unwrap().requester;
    let named = new(json!({"requester_id": null, "requester_email": " Otto@example.org\n"}));
    assert!(matches!(named, Some(NewRequester::Email(email)) if email.as_str() == "Otto@example.org"));
    assert!(new(json!({"requester_email": null})).is_none());
    assert_eq!(
        faults(body(json!({"requester_id": otto().id, "requester_email": "otto@example.org"}))),
        ["/requester_email must be left out if requester_id names the requester"]
    );
    assert_eq!(
        faults(body(json!({"requester_id": 1, "requester_email": "otto"}))),
        [
            "/requester_id must be a string, not a number",
            "/requester_email must be an e-mail address such as ana@example.org"
        ]
    );
}

#[test]
fn all_faults_of_a_body_are_reported_at_once() {
    let found = faults(json!({
        "title": "",
        "priority": "asap",
        "category": 1,
        "tags": ["vpn", "", 7, "a\u{2028}b", null],
        "requester_id": "rita",
        "follow_up_of": "3",
        "version": 1
    }));
    assert_eq!(
        found,
        [
            "/title must not be blank",
            "/description is required",
            "/priority must be one of low, normal, high, urgent",
            "/category must be a string, not a number",
            "/tags/1 must not be blank",
            "/tags/2 must be a string, not a number",
            "/tags/3 must not contain the character U+2028",
            "/tags/4 must be a string, not null",
            "/requester_id must be the id of a user",
            "/follow_up_of must be the number of a ticket",
            "/version is not a field of this request",
        ]
    );
}

#[test]
fn fields_set_by_the_service_cannot_be_sent() {
    for name in [
        "id",
        "number",
        "status",
        "version",
        "role",
        "requester",
        "assignee",
        "assignee_id",
        "resolution",
        "created_at",
        "updated_at",
        "resolved_at",
        "closed_at",
        "seq",
        "hash",
    ] {
        let expected = format!("/{name} is not a field of this request");
        assert_eq!(faults(body(json!({name: "x"}))), [expected]);
    }
}

#[test]
fn limits_hold_at_the_boundary() {
    let tags = |count: usize| (0..count).map(|tag| tag.to_string()).collect::<Vec<_>>();
    for (field, longest, too_long) in [
        ("title", json!("ü".repeat(150)), json!("ü".repeat(151))),
        ("description", json!("ü".repeat(10_000)), json!("ü".repeat(10_001))),
        ("category", json!("ü".repeat(50)), json!("ü".repeat(51))),
        ("tags", json!(["ü".repeat(30)]), json!(["ü".repeat(31)])),
        ("tags", json!(tags(10)), json!(tags(11))),
        ("follow_up_of", json!(999_999_999_999_u64), json!(1_000_000_000_000_u64)),
    ] {
        assert!(NewTicket::from_body(body(json!({field: longest}))).is_ok(), "{field}");
        let found = faults(body(json!({field: too_long})));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(&format!("/{field}")), "{found:?}");
    }
    for field in ["title", "description", "category"] {
        assert!(NewTicket::from_body(body(json!({field: "x"}))).is_ok(), "{field}");
        assert_eq!(faults(body(json!({field: ""}))), [format!("/{field} must not be blank")]);
    }
}

#[test]
fn too_many_tags_duplicate_tags_and_invalid_ticket_numbers_are_refused() {
    let eleven: Vec<String> = (0..11).map(|tag| tag.to_string()).collect();
    assert_eq!(faults(body(json!({"tags": eleven}))), ["/tags must have at most 10 items, but has 11"]);
    assert_eq!(faults(body(json!({"tags": ["a", "b", "a"]}))), ["/tags/2 repeats an earlier tag"]);
    for number in [json!(0), json!(-1), json!(1.5), json!("1"), json!(true)] {
        assert_eq!(faults(body(json!({"follow_up_of": number}))), ["/follow_up_of must be the number of a ticket"]);
    }
}

#[test]
fn a_new_ticket_is_open_and_its_first_entry_has_all_its_fields() {
    let change = opened(&rita());
    let head = &change.ticket.head;
    assert_eq!(state_shown(&change.ticket), "open - - - -");
    assert_eq!((head.created_at, head.updated_at), (minute(1), minute(1)));
    assert_eq!((change.expected_seq, head.seq), (0, 1));
    assert_eq!(change.needs_technician, None);
    let [entry] = change.entries.as_slice() else {
        panic!("one entry expected: {:?}", change.entries);
    };
    assert_eq!((entry.seq, entry.previous_hash), (1, Hash::ZERO));
    assert_eq!(entry.event_type, EventType::Opened);
    assert_eq!(statuses_shown(entry), "->open");
    assert_eq!(
        changes_shown(&entry.changes),
        "title:->Printer is dead description:->It smells of burnt dust. priority:->high \
         category:->Hardware tags:->printer+floor-2 requester:->Rita follow_up_of:->3"
    );
}

#[test]
fn a_ticket_opened_for_another_person_records_who_opened_it() {
    let new = NewTicket::from_body(body(json!({}))).unwrap();
    let number = TicketNumber::new(1).unwrap();
    let change = Ticket::open(number, new, rita(), Actor::of(&tom()), stamp(1));
    assert_eq!(change.ticket.head.requester, rita());
    let entry = &change.entries[0];
    assert_eq!((&entry.actor, entry.requester_id), (&tom(), rita().id));
    assert_eq!(
        changes_shown(&entry.changes),
        "title:->Printer is dead description:->It smells. priority:->normal requester:->Rita"
    );
}
