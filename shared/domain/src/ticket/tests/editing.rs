//! What a patch does, in every status by every person.

use serde_json::{Value, json};

use crate::lifecycle::{EventType, Status};
use crate::permission::Actor;
use crate::samples::{NOW, cells_by_scene, minute, rita, scene, stamp, ticket_in, tina};
use crate::text::NoteBody;

use super::*;

/// The outcome of a patch of a ticket's texts, and of a patch of its classification: `200`, or the
/// refusal.
const OUTCOMES: &str = "
    status       what     requester  stranger  technician  assignee  own-technician  own-assignee  demoted  admin   own-admin
    open         texts    200        403       403         403       200             200           403      200     200
    open         classes  403        403       200         200       200             200           403      200     200
    in_progress  texts    409        403       403         200       409             200           403      200     200
    in_progress  classes  403        403       200         200       200             200           403      200     200
    resolved     texts    409        403       403         200       409             200           403      200     200
    resolved     classes  403        403       200         200       200             200           403      200     200
    closed       texts    closed     403       closed      closed    closed          closed        403      closed  closed
    closed       classes  closed     403       closed      closed    closed          closed        403      closed  closed";

fn patch(body: Value) -> TicketPatch {
    TicketPatch::from_body(body).unwrap()
}

#[test]
fn every_patch_in_every_status_has_the_outcome_in_the_table() {
    for cell in cells_by_scene(OUTCOMES, 2, Status::ALL.len() * 2) {
        let (status, scene) = (Status::named(cell.row[0]).unwrap(), scene(cell.column));
        let bodies = match cell.row[1] {
            "texts" => [json!({"title": "Other"}), json!({"description": "Other"})],
            _ => [json!({"priority": "low"}), json!({"tags": null})],
        };
        for body in bodies {
            let before = ticket_in(status, &scene.requester);
            let answer = before.clone().patch(patch(body), Actor::of(&scene.actor), stamp(NOW));
            let shown = match &answer {
                Ok(Outcome::Changed(change)) => {
                    assert_is_next_entry(change, &before, &scene.actor);
                    assert_eq!(statuses_shown(&change.entries[0]), "->-");
                    "200"
                }
                Ok(Outcome::Unchanged(_)) => "unchanged",
                Err(refusal) => refusal_name(refusal, status, &scene),
            };
            assert_eq!(shown, cell.text, "{:?} by {}", cell.row, cell.column);
        }
        let mixed = patch(json!({"title": "Other", "priority": "low"}));
        let answer = ticket_in(status, &scene.requester).patch(mixed, Actor::of(&scene.actor), stamp(NOW));
        assert!(answer.is_ok() <= (cell.text == "200"), "all fields or none: {:?} by {}", cell.row, cell.column);
    }
}

#[test]
fn each_changed_field_is_recorded_with_its_old_and_new_value() {
    for (body, expected) in [
        (json!({"title": "T"}), "title:Printer is dead>T"),
        (json!({"description": "D"}), "description:It smells of burnt dust.>D"),
        (json!({"priority": "low"}), "priority:high>low"),
        (json!({"category": "C"}), "category:Hardware>C"),
        (json!({"category": null}), "category:Hardware>-"),
        (json!({"tags": ["x"]}), "tags:printer+floor-2>x"),
        (json!({"tags": ["floor-2", "printer"]}), "tags:printer+floor-2>floor-2+printer"),
        (json!({"tags": []}), "tags:printer+floor-2>-"),
        (json!({"tags": null}), "tags:printer+floor-2>-"),
        (json!({"priority": "low", "title": "T", "category": "Hardware"}), "title:Printer is dead>T priority:high>low"),
    ] {
        let ticket = ticket_in(Status::InProgress, &rita());
        let Ok(Outcome::Changed(change)) = ticket.patch(patch(body.clone()), Actor::of(&tina()), stamp(NOW)) else {
            panic!("{body} changed nothing");
        };
        assert_eq!(change.entries[0].event_type, EventType::Updated);
        assert_eq!(changes_shown(&change.entries[0].changes), expected, "{body}");
        let described = if body.get("description").is_some() { change.entries[0].seq } else { 1 };
        assert_eq!(change.ticket.head.description_seq, described, "{body}");
    }
}

#[test]
fn a_patch_with_the_current_values_changes_nothing() {
    for body in [
        json!({}),
        json!({"title": "Printer is dead", "description": "It smells of burnt dust.", "priority": "high"}),
        json!({"category": "Hardware", "tags": ["printer", "floor-2"]}),
    ] {
        let ticket = ticket_in(Status::InProgress, &rita());
        let answer = ticket.clone().patch(patch(body.clone()), Actor::of(&tina()), stamp(NOW));
        assert!(matches!(answer, Ok(Outcome::Unchanged(same)) if *same == ticket), "{body}");
    }
}

#[test]
fn all_faults_of_a_patch_are_reported_at_once() {
    let body = json!({
        "title": null, "description": "", "priority": null, "category": 7, "tags": ["a", "a"], "status": "closed", "requester_id": "x"
    });
    let faults: Vec<String> =
        TicketPatch::from_body(body).unwrap_err().as_slice().iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        [
            "/title must be a string, not null",
            "/description must not be blank",
            "/priority must be a string, not null",
            "/category must be a string, not a number",
            "/tags/1 repeats an earlier tag",
            "/requester_id is not a field of this request",
            "/status is not a field of this request",
        ]
    );
}

#[test]
fn a_note_records_its_author_and_does_not_change_the_ticket() {
    let head = ticket_in(Status::Closed, &rita()).head;
    let body = || NoteBody::parse("Between us.".to_owned()).unwrap();
    let note = head.note(body(), Actor::of(&tina()), stamp(NOW)).unwrap();
    assert_eq!((note.ticket, &note.author, note.created_at), (head.number, &tina(), minute(NOW)));
    assert!(matches!(head.note(body(), Actor::of(&rita()), stamp(NOW)), Err(Refusal::Forbidden { .. })));
    assert_eq!(head.note(body(), Actor::of(&crate::samples::otto()), stamp(NOW)), Err(Refusal::Hidden));
}
