//! What commands, assignments, comments and opening do to a ticket, checked against tables in plain
//! text.
//!
//! In the tables `403` is [`Refusal::Forbidden`], `409` is [`Refusal::InvalidTransition`] and `422`
//! is [`Refusal::NotATechnician`]. The columns are the scenes of [`crate::samples`].

mod actions;
mod assigning;
mod commands;
mod comments;
mod editing;
mod opening;
mod refusals;
mod requests;

use crate::lifecycle::Status;
use crate::log::{FieldChange, FieldValue, LogEntry};
use crate::samples::{NOW, Scene, cells};
use crate::time::Timestamp;
use crate::user::Person;

use super::*;

/// What each person may do in each status. `own-technician` and `own-assignee` are technicians who
/// asked for help themselves. `demoted` was the assignee and is no longer a technician.
const ALLOWED: &str = "
    scene           open                                 in_progress                                  resolved                          closed
    requester       withdraw,comment,update              comment                                      reopen,close,comment              -
    stranger        -                                    -                                            -                                 -
    technician      assign,update,note                   update,note                                  update,note                       note
    assignee        assign,update,note                   assign,release,resolve,comment,update,note   reopen,comment,update,note        note
    own-technician  assign,withdraw,comment,update,note  comment,update,note                          reopen,close,comment,update,note  note
    own-assignee    assign,withdraw,comment,update,note  assign,release,resolve,comment,update,note   reopen,close,comment,update,note  note
    demoted         -                                    -                                            -                                 -
    admin           assign,withdraw,comment,update,note  assign,release,resolve,comment,update,note   reopen,close,comment,update,note  note
    own-admin       assign,withdraw,comment,update,note  assign,release,resolve,comment,update,note   reopen,close,comment,update,note  note";

/// Returns the cell of [`ALLOWED`].
fn allowed(status: Status, scene: &Scene) -> Vec<&'static str> {
    let cell = cells(ALLOWED, 1)
        .into_iter()
        .find(|cell| cell.row == [scene.column] && cell.column == status.as_str())
        .unwrap();
    let names = cell.text.split(',');
    names.filter(|name| *name != "-").collect()
}

fn refusal_name(refusal: &Refusal, status: Status, scene: &Scene) -> &'static str {
    match refusal {
        Refusal::Hidden => "404",
        Refusal::Forbidden { .. } | Refusal::OutOfScope(_) => "403",
        Refusal::TicketClosed => "closed",
        Refusal::NotATechnician => "422",
        Refusal::InvalidTransition { .. } => {
            let expected = Refusal::InvalidTransition { status, allowed: allowed(status, scene) };
            assert_eq!(*refusal, expected, "{} of a {status:?} one", scene.column);
            "409"
        }
    }
}

/// Formats every change as `field:old>new`, with `-` for an absent value.
fn changes_shown(changes: &[FieldChange]) -> String {
    let value = |value: &Option<FieldValue>| match value {
        None => "-".to_owned(),
        Some(FieldValue::Text(text)) => text.clone(),
        Some(FieldValue::Texts(texts)) => texts.join("+"),
        Some(FieldValue::Ticket(number)) => number.to_string(),
        Some(FieldValue::Person(person)) => person.name.as_str().to_owned(),
    };
    let shown: Vec<String> = changes
        .iter()
        .map(|change| {
            let (old, new) = (value(&change.old), value(&change.new));
            format!("{}:{old}>{new}", change.field.as_str())
        })
        .collect();
    if shown.is_empty() { "-".to_owned() } else { shown.join(" ") }
}

/// Formats hours and minutes, or `-` if there is no time.
fn clock(at: Option<Timestamp>) -> String {
    at.map_or("-".to_owned(), |at| at.to_string()[11..16].to_owned())
}

/// Formats what commands change about a ticket, as the tables write it: status, assignee,
/// resolution with the `seq` of its entry, when it was resolved, and when it was closed.
fn state_shown(ticket: &Ticket) -> String {
    let head = &ticket.head;
    let assignee = head.assignee.as_ref().map_or("-", |person| person.name.as_str());
    let resolution = match (&ticket.resolution, head.resolution_seq) {
        (Some(text), Some(seq)) => format!("{}@{seq}", text.as_str()),
        (None, None) => "-".to_owned(),
        (text, seq) => format!("{text:?}@{seq:?}"),
    };
    let (resolved, closed) = (clock(head.resolved_at), clock(head.closed_at));
    format!("{} {assignee} {resolution} {resolved} {closed}", head.status.as_str())
}

/// Checks what all changes with one entry have in common.
fn assert_is_next_entry(change: &Change, before: &Ticket, actor: &Person) {
    let [entry] = change.entries.as_slice() else {
        panic!("one entry expected: {:?}", change.entries);
    };
    let head = &change.ticket.head;
    assert_eq!(change.expected_seq, before.head.seq);
    assert_eq!(entry.seq, before.head.seq + 1);
    assert_eq!(entry.previous_hash, before.head.hash);
    assert_eq!(entry.ticket, before.head.number);
    assert_eq!(entry.actor, *actor);
    assert_eq!(entry.requester_id, before.head.requester.id);
    assert_eq!(entry.assignee_id, head.assignee_id());
    assert_eq!(clock(Some(entry.at)), format!("00:{NOW:02}"));
    assert_eq!((head.seq, head.hash), (entry.seq, entry.hash));
    assert_eq!(head.updated_at, entry.at);
}

/// Formats the statuses of an entry as `from>to`, with `-` for an absent one.
fn statuses_shown(entry: &LogEntry) -> String {
    let name = |status: Option<Status>| status.map_or("-", Status::as_str);
    format!("{}>{}", name(entry.from_status), name(entry.to_status))
}
