//! Public comments.

use crate::id::TokenId;
use crate::lifecycle::{EventType, Status};
use crate::permission::{Actor, PermittedBy, Scope};
use crate::samples::{NOW, cells_by_scene, minute, rita, scene, stamp, ticket_in};
use crate::text::CommentBody;
use crate::user::Person;

use super::*;

/// The outcome of a comment: `said`, `reopened` if it also reopens the ticket, or the refusal.
const COMMENTS: &str = "
    status       requester  stranger  technician  assignee  own-technician  own-assignee  demoted  admin   own-admin
    open         said       403       403         403       said            said          403      said    said
    in_progress  said       403       403         said      said            said          403      said    said
    resolved     reopened   403       403         said      reopened        said          403      said    reopened
    closed       closed     403       closed      closed    closed          closed        403      closed  closed";

/// The times of a requester's comment on a ticket resolved at 00:03 and of the reopening it causes.
/// `stamps` are the minutes of the clocks that recorded them.
const TIMES: &str = "
    stamps  said          reopened
    9,10    00:09:00.000  00:10:00.000
    9,9     00:09:00.000  00:09:00.001
    10,9    00:10:00.000  00:10:00.001
    3,3     00:03:00.001  00:03:00.002
    0,0     00:03:00.001  00:03:00.002
    0,9     00:03:00.001  00:09:00.000";

fn comment(ticket: Ticket, actor: &Person) -> Result<Change, Refusal> {
    let body = CommentBody::parse("It still smells.".to_owned()).unwrap();
    ticket.comment(body, Actor::of(actor), [stamp(NOW), stamp(NOW + 1)])
}

#[test]
fn a_comment_in_every_status_has_the_outcome_in_the_table() {
    for cell in cells_by_scene(COMMENTS, 1, Status::ALL.len()) {
        let (status, scene) = (Status::named(cell.row[0]).unwrap(), scene(cell.column));
        let before = ticket_in(status, &scene.requester);
        let shown = match comment(before.clone(), &scene.actor) {
            Ok(change) if change.entries.len() == 1 => {
                assert_is_next_entry(&change, &before, &scene.actor);
                assert_eq!(state_shown(&change.ticket), state_shown(&before));
                "said"
            }
            Ok(change) => {
                assert_reopens(&change, &before, &scene);
                "reopened"
            }
            Err(refusal) => refusal_name(&refusal, status, &scene),
        };
        assert_eq!(shown, cell.text, "{:?} by {}", cell.row, cell.column);
    }
}

/// Checks that there is a comment and then a reopening, both based on the version before the
/// comment.
fn assert_reopens(change: &Change, before: &Ticket, scene: &Scene) {
    let [said, reopened] = change.entries.as_slice() else {
        panic!("two entries expected: {:?}", change.entries);
    };
    assert_eq!(change.expected_seq, before.head.seq);
    assert_eq!((said.seq, reopened.seq), (4, 5));
    assert_eq!(said.event_type, EventType::Commented);
    assert_eq!(reopened.event_type, EventType::Reopened);
    assert_eq!(said.previous_hash, before.head.hash);
    assert_eq!(reopened.previous_hash, said.hash);
    let at = [minute(NOW), minute(NOW + 1)];
    assert_eq!([said.at, reopened.at], at);
    assert_eq!([said.id, reopened.id], [stamp(NOW).id_at(at[0]), stamp(NOW + 1).id_at(at[1])]);
    assert_eq!(reopened.actor, scene.actor);
    assert_eq!(statuses_shown(reopened), "resolved>in_progress");
    assert_eq!(changes_shown(&reopened.changes), "resolution:Toner>-");
    assert_eq!(state_shown(&change.ticket), "in_progress Tina - - -");
    let head = &change.ticket.head;
    assert_eq!((head.seq, head.hash), (5, reopened.hash));
    assert_eq!(head.updated_at, reopened.at);
}

#[test]
fn the_scope_for_comments_alone_reopens_by_a_comment_and_permits_nothing_else() {
    let scene = scene("requester");
    let actor = Actor::with_token(&scene.actor, TokenId::from_bytes([6; 16]), [Scope::Comment].into_iter().collect());
    let before = ticket_in(Status::Resolved, &scene.requester);
    assert_eq!(before.head.allowed_actions(actor), ["comment"]);
    let body = CommentBody::parse("It still smells.".to_owned()).unwrap();
    let change = before.clone().comment(body, actor, [stamp(NOW), stamp(NOW + 1)]).unwrap();
    assert_reopens(&change, &before, &scene);
    let reopened = before.clone().execute(CommandRequest::Reopen(None), actor, stamp(NOW)).map(drop);
    assert_eq!(reopened, Err(Refusal::OutOfScope(PermittedBy::OneOf(&[Scope::Work]))));
    assert_eq!(before.visible_to(actor).map(drop), Ok(()), "the scope does not hide what the person sees");
}

#[test]
fn times_and_ids_increase_even_when_the_clock_lags_or_stops() {
    for line in TIMES.trim().lines().skip(1) {
        let row: Vec<&str> = line.split_whitespace().collect();
        let minutes: Vec<u8> = row[0].split(',').map(|minute| minute.parse().unwrap()).collect();
        let stamps = [stamp(minutes[0]), stamp(minutes[1])];
        let body = CommentBody::parse("It still smells.".to_owned()).unwrap();
        let resolved = ticket_in(Status::Resolved, &rita());
        let entries = resolved.comment(body, Actor::of(&rita()), stamps).unwrap().entries;
        let times: Vec<String> = entries.iter().map(|entry| entry.at.to_string()[11..23].to_owned()).collect();
        assert_eq!(times, row[1..], "{line}");
        assert!(entries[0].id < entries[1].id, "{line}");
        for (entry, stamp) in entries.iter().zip(stamps) {
            assert_eq!(entry.id, stamp.id_at(entry.at), "{line}");
        }
    }
}

#[test]
fn the_entry_of_a_comment_has_its_text_and_no_field_changes() {
    let scene = scene("requester");
    let change = comment(ticket_in(Status::InProgress, &scene.requester), &scene.actor).unwrap();
    let said = &change.entries[0];
    assert!(said.is_comment());
    assert_eq!(said.body.as_ref().unwrap().as_str(), "It still smells.");
    assert_eq!(statuses_shown(said), "->-");
    assert_eq!((changes_shown(&said.changes), &said.reason), ("-".to_owned(), &None));
    assert_eq!(change.needs_technician, None);
}
