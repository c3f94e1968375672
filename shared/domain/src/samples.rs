//! The people, times and tickets of this crate's tests.
//!
//! Rita and Otto are users, Tina and Tom are technicians, Ada is the admin. Every ticket here is
//! about a printer. It is opened at 00:01 (seq 1), taken by Tina at 00:02 (seq 2), resolved by her
//! with the text "Toner" at 00:03 (seq 3), and closed by Ada at 00:04 (seq 4). What a test does to
//! it happens at [`NOW`].

use serde_json::json;

use crate::id::{TicketNumber, UserId};
use crate::lifecycle::Status;
use crate::permission::Actor;
use crate::stamp::{STAMP_RANDOM_BYTES, Stamp};
use crate::text::PersonName;
use crate::ticket::{Change, CommandRequest, NewTicket, Outcome, Ticket};
use crate::time::Timestamp;
use crate::user::{Person, Role};

/// The minute in which a test acts.
pub(crate) const NOW: u8 = 9;

fn person(byte: u8, name: &str, role: Role) -> Person {
    Person { id: UserId::from_bytes([byte; 16]), name: PersonName::parse(name.to_owned()).unwrap(), role }
}

pub(crate) fn rita() -> Person {
    person(0xa1, "Rita", Role::User)
}

pub(crate) fn otto() -> Person {
    person(0xa2, "Otto", Role::User)
}

pub(crate) fn tina() -> Person {
    person(0xb1, "Tina", Role::Technician)
}

pub(crate) fn tom() -> Person {
    person(0xb2, "Tom", Role::Technician)
}

pub(crate) fn ada() -> Person {
    person(0xc1, "Ada", Role::Admin)
}

/// Returns the time that many minutes after the year 2026 began.
pub(crate) fn minute(minute: u8) -> Timestamp {
    let begin = 1_767_225_600_000;
    Timestamp::from_unix_milliseconds(begin + i64::from(minute) * 60_000).unwrap()
}

/// Returns a stamp at that minute. Its random bytes are the minute too.
pub(crate) fn stamp(at: u8) -> Stamp {
    Stamp::new(minute(at), [at; STAMP_RANDOM_BYTES])
}

/// Opens ticket 7 for the requester.
pub(crate) fn opened(requester: &Person) -> Change {
    let new = NewTicket::from_body(json!({
        "title": "Printer is dead",
        "description": "It smells of burnt dust.",
        "priority": "high",
        "category": "Hardware",
        "tags": ["printer", "floor-2"],
        "follow_up_of": 3
    }))
    .unwrap();
    let number = TicketNumber::new(7).unwrap();
    Ticket::open(number, new, requester.clone(), Actor::of(requester), stamp(1))
}

/// Returns the requester's ticket in that status. From `in_progress` on, it is assigned to Tina.
pub(crate) fn ticket_in(status: Status, requester: &Person) -> Ticket {
    let ticket = opened(requester).ticket;
    if status == Status::Open {
        return ticket;
    }
    let ticket = assigned(ticket, &tina(), &tina(), 2).ticket;
    if status == Status::InProgress {
        return ticket;
    }
    let resolved = ticket.execute(resolve("Toner"), Actor::of(&tina()), stamp(3));
    let ticket = resolved.unwrap().ticket;
    if status == Status::Resolved {
        return ticket;
    }
    let closed = ticket.execute(CommandRequest::Close(None), Actor::of(&ada()), stamp(4));
    closed.unwrap().ticket
}

/// Assigns the ticket to that technician at that minute.
pub(crate) fn assigned(ticket: Ticket, to: &Person, actor: &Person, at: u8) -> Change {
    match ticket.assign(to.id, Some(to.clone()), Actor::of(actor), stamp(at)).unwrap() {
        Outcome::Changed(change) => *change,
        Outcome::Unchanged(ticket) => panic!("nothing to change: {ticket:?}"),
    }
}

pub(crate) fn resolve(text: &str) -> CommandRequest {
    CommandRequest::Resolve(crate::text::Resolution::parse(text.to_owned()).unwrap())
}

/// An actor, and the requester of the ticket.
pub(crate) struct Scene {
    /// The column in the tables of the tests.
    pub(crate) column: &'static str,
    pub(crate) actor: Person,
    pub(crate) requester: Person,
}

/// Returns everything a person can be to a ticket of Tina's.
pub(crate) fn scenes() -> [Scene; 9] {
    let demoted = Person { role: Role::User, ..tina() };
    [
        ("requester", rita(), rita()),
        ("stranger", otto(), rita()),
        ("technician", tom(), rita()),
        ("assignee", tina(), rita()),
        ("own-technician", tom(), tom()),
        ("own-assignee", tina(), tina()),
        ("demoted", demoted, rita()),
        ("admin", ada(), rita()),
        ("own-admin", ada(), ada()),
    ]
    .map(|(column, actor, requester)| Scene { column, actor, requester })
}

pub(crate) fn scene(column: &str) -> Scene {
    scenes().into_iter().find(|scene| scene.column == column).unwrap()
}

/// One cell of a table.
pub(crate) struct Cell<'a> {
    /// The leading cells of its row, which say what the row is about.
    pub(crate) row: Vec<&'a str>,
    pub(crate) column: &'a str,
    pub(crate) text: &'a str,
}

/// Splits a text table into cells. The first line names the columns. The first `headings` columns
/// say what a row is about.
pub(crate) fn cells(table: &str, headings: usize) -> Vec<Cell<'_>> {
    let mut lines = table.trim().lines().map(|line| line.split_whitespace());
    let columns: Vec<&str> = lines.next().unwrap().skip(headings).collect();
    let mut all = Vec::new();
    for line in lines {
        let texts: Vec<&str> = line.collect();
        let (row, texts) = texts.split_at(headings);
        assert_eq!(texts.len(), columns.len(), "cells of the row {row:?}");
        all.extend(columns.iter().zip(texts).map(|(column, text)| Cell { row: row.to_vec(), column, text }));
    }
    all
}

/// Splits a table whose columns are the [`scenes`] into cells, and checks its number of rows.
pub(crate) fn cells_by_scene(table: &str, headings: usize, rows: usize) -> Vec<Cell<'_>> {
    let cells = cells(table, headings);
    assert_eq!(cells.len(), rows * scenes().len(), "the table is whole");
    cells
}
