//! The envelope, byte for byte, and which envelopes are rejected.

use serde_json::{Value, json};

use super::*;
use crate::id::UserId;
use crate::lifecycle::{EventType, Status};
use crate::log::LogEntry;
use crate::permission::Actor;
use crate::samples::{NOW, ada, assigned, opened, resolve, rita, stamp, ticket_in, tina, tom};
use crate::text::{CommentBody, Reason};
use crate::ticket::{Change, CommandRequest, Outcome, TicketPatch};
use crate::user::Person;

/// One event of each type, one per line, in the order of [`EventType::ALL`]. Consumers read events
/// from queues and archives, so a line that changes requires a new version of the format.
const GOLDEN: &str = include_str!("../../tests-data/events.jsonl");

/// Returns a log entry of each type, all with texts that an envelope must not carry.
fn entries_of_every_type() -> Vec<LogEntry> {
    let reason = || Reason::parse("A reason nobody else reads.".to_owned()).ok();
    let in_status = |status| ticket_in(status, &rita());
    let run =
        |status, request, actor: &Person| in_status(status).execute(request, Actor::of(actor), stamp(NOW)).unwrap();
    let body = CommentBody::parse("A comment nobody else reads.".to_owned()).unwrap();
    let comment = in_status(Status::InProgress).comment(body, Actor::of(&rita()), [stamp(NOW); 2]);
    let patch = TicketPatch::from_body(json!({"title": "A title nobody else reads."})).unwrap();
    let Ok(Outcome::Changed(updated)) = in_status(Status::Open).patch(patch, Actor::of(&rita()), stamp(NOW)) else {
        panic!("the patch changes something");
    };
    let changes: [Change; 10] = [
        opened(&rita()),
        assigned(in_status(Status::Open), &tom(), &ada(), NOW),
        assigned(in_status(Status::InProgress), &tom(), &tina(), NOW),
        run(Status::InProgress, CommandRequest::Release(reason()), &tina()),
        run(Status::InProgress, resolve("A resolution nobody else reads."), &tina()),
        run(Status::Resolved, CommandRequest::Reopen(reason()), &rita()),
        run(Status::Resolved, CommandRequest::Close(reason()), &rita()),
        run(Status::Open, CommandRequest::Withdraw(reason()), &rita()),
        *updated,
        comment.unwrap(),
    ];
    changes.into_iter().flat_map(|change| change.entries).collect()
}

#[test]
fn every_event_type_matches_its_golden_envelope() {
    let entries = entries_of_every_type();
    let types: Vec<EventType> = entries.iter().map(|entry| entry.event_type).collect();
    assert_eq!(types, EventType::ALL);
    assert_eq!(GOLDEN.lines().count(), entries.len());
    for (entry, golden) in entries.iter().zip(GOLDEN.lines()) {
        assert_eq!(TicketEvent::of(entry).to_json().unwrap(), golden);
    }
}

#[test]
fn an_event_names_the_service_account_that_acted() {
    let (rita, tom) = (rita(), tom());
    let acting = Actor::of(&tom).acting_for(&rita);
    let closed = ticket_in(Status::Resolved, &rita).execute(CommandRequest::Close(None), acting, stamp(NOW)).unwrap();
    let event = TicketEvent::of(&closed.entries[0]);
    let text = event.to_json().unwrap();
    let data = &serde_json::from_str::<Value>(&text).unwrap()["data"];
    assert_eq!((&data["actor"]["name"], &data["via"]["name"]), (&json!("Rita"), &json!("Tom")));
    assert_eq!(TicketEvent::from_json(&text).unwrap(), event);
    // An event without one is what it was before.
    assert!(!GOLDEN.contains("via"));
}

#[test]
fn an_event_round_trips() {
    for entry in entries_of_every_type() {
        let event = TicketEvent::of(&entry);
        let text = event.to_json().unwrap();
        assert_eq!(TicketEvent::from_json(&text).unwrap(), event);
    }
}

#[test]
fn an_envelope_contains_no_text_of_the_ticket() {
    for entry in entries_of_every_type() {
        let text = TicketEvent::of(&entry).to_json().unwrap();
        for secret in ["Printer", "burnt", "Hardware", "floor-2", "Toner", "nobody else reads"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

/// Returns the envelope of the first golden line with one value replaced.
fn with(pointer: &str, name: &str, value: Value) -> String {
    let mut envelope: Value = serde_json::from_str(GOLDEN.lines().next().unwrap()).unwrap();
    let object = envelope.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
    object.insert(name.to_owned(), value);
    envelope.to_string()
}

#[test]
fn an_unknown_source_type_or_version_is_refused_and_named() {
    for (name, value, expected) in [
        ("type", "helpdesk.ticket.merged", "an event with an unknown type: helpdesk.ticket.merged"),
        ("type", "opened", "an event with an unknown type: opened"),
        ("type", "helpdesk.ticket.", "an event with an unknown type: helpdesk.ticket."),
        ("type", "helpdesk.ticket.Opened", "an event with an unknown type: helpdesk.ticket.Opened"),
        ("source", "/another", "an event with an unknown source: /another"),
        ("source", "", "an event with an unknown source: "),
        ("specversion", "2.0", "an event with an unknown specversion: 2.0"),
        ("dataschema", "/schemas/ticket-event/2", "an event with an unknown dataschema: /schemas/ticket-event/2"),
    ] {
        let refused = TicketEvent::from_json(&with("", name, json!(value))).unwrap_err();
        assert_eq!(refused.to_string(), expected);
    }
}

#[test]
fn unknown_attributes_are_ignored() {
    let golden = TicketEvent::from_json(GOLDEN.lines().next().unwrap()).unwrap();
    for value in [json!("00-ab-cd-01"), json!({"any": ["thing"]}), Value::Null] {
        let text = with("", "traceparent", value);
        assert_eq!(TicketEvent::from_json(&text).unwrap(), golden, "{text}");
    }
}

/// The ends of the messages about an invalid id and an invalid ticket number.
const NO_ID: &str = "an id is a UUID in lower case with hyphens";
const NO_NUMBER: &str = "a ticket number is a whole number from 1 to 999999999999";

#[test]
fn an_invalid_event_is_refused_with_the_reason() {
    let golden = GOLDEN.lines().next().unwrap();
    for (text, expected) in [
        (String::new(), "EOF while parsing"),
        ("hello".to_owned(), "expected value"),
        ("[]".to_owned(), "invalid length"),
        ("{}".to_owned(), "missing field `specversion`"),
        (golden[..golden.len() - 1].to_owned(), "EOF while parsing"),
        (with("/data", "title", json!("x")), "unknown field `title`"),
        (with("/data", "seq", json!("1")), "invalid type: string \"1\", expected u64"),
        (with("/data", "seq", json!(-1)), "invalid value: integer `-1`, expected u64"),
        (with("/data", "requester_id", json!("rita")), NO_ID),
        (with("/data", "requester_id", json!(rita().id.to_string().to_uppercase())), NO_ID),
        (with("/data", "assignee_id", json!(tina().id.to_string().replace('-', ""))), NO_ID),
        (with("/data", "ticket", json!(0)), NO_NUMBER),
        (with("/data", "ticket", json!(1_000_000_000_000_u64)), NO_NUMBER),
        (with("/data", "ticket", json!(-1)), "invalid value: integer `-1`, expected u64"),
        (with("/data", "ticket", json!("7")), "invalid type: string \"7\", expected u64"),
        (with("/data", "to_status", json!("done")), "unknown variant `done`"),
        (with("/data/actor", "role", json!("boss")), "unknown variant `boss`"),
        (with("", "id", json!("1")), NO_ID),
        (with("", "time", json!("yesterday")), "failed to parse"),
    ] {
        let refused = TicketEvent::from_json(&text).unwrap_err().to_string();
        assert!(refused.starts_with("not an event: "), "{refused}");
        assert!(refused.contains(expected), "{refused:?} for {text}");
    }
}

#[test]
fn the_former_assignee_is_given_only_when_the_assignee_changed() {
    let former: Vec<(EventType, Option<UserId>)> = entries_of_every_type()
        .iter()
        .map(|entry| (entry.event_type, TicketEvent::of(entry).data.former_assignee_id))
        .collect();
    for (event_type, former) in former {
        let expected = match event_type {
            EventType::HandedOver | EventType::Released => Some(tina().id),
            _ => None,
        };
        assert_eq!(former, expected, "{event_type:?}");
    }
}

#[test]
fn each_kind_of_event_is_recognised_when_it_is_read() {
    let golden = [
        include_str!("../../tests-data/events.jsonl"),
        include_str!("../../tests-data/note-events.jsonl"),
        include_str!("../../tests-data/account-events.jsonl"),
    ];
    for line in golden.into_iter().flat_map(str::lines) {
        let event = Event::from_json(line).unwrap();
        assert_eq!(event.to_json().unwrap(), line);
        let kind = match event {
            Event::Ticket(_) => "ticket",
            Event::Note(_) => "note",
            Event::Account(_) => "account",
        };
        assert!(line.contains(&format!("\"type\":\"helpdesk.{kind}.")), "{line}");
    }
    for text in ["", "{}", r#"{"type": "helpdesk.printer.jammed"}"#, r#"{"type": "opened"}"#] {
        assert!(Event::from_json(text).is_err(), "{text}");
    }
}
