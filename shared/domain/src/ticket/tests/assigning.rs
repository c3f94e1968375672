//! Taking, giving and handing over.

use crate::lifecycle::{EventType, Status};
use crate::permission::Actor;
use crate::samples::{NOW, ada, assigned, cells_by_scene, otto, rita, scene, scenes, stamp, ticket_in, tina, tom};
use crate::user::Person;

use super::*;

/// The outcome of assigning a ticket of Tina's (an open one has no assignee) to the actor, to Tina,
/// to Tom, and to Otto, who is not a technician. The outcome is the event type in the log, `same`
/// if the ticket is theirs already, or the refusal. `found` says whether the caller found the named
/// person to be an active technician. `422` means they did not.
const ASSIGNING: &str = "
    status       to    found  requester  stranger  technician  assignee     own-technician  own-assignee  demoted  admin        own-admin
    open         self  yes    403        403       assigned    assigned     assigned        assigned      403      assigned     assigned
    open         self  no     403        403       422         422          422             422           403      422          422
    open         tina  yes    403        403       403         assigned     403             assigned      403      assigned     assigned
    open         tina  no     403        403       403         422          403             422           403      422          422
    open         tom   yes    403        403       assigned    403          assigned        403           403      assigned     assigned
    open         tom   no     403        403       422         403          422             403           403      422          422
    open         otto  no     403        403       403         403          403             403           403      422          422
    in_progress  self  yes    403        403       409         same         409             same          403      handed_over  handed_over
    in_progress  self  no     403        403       409         same         409             same          403      422          422
    in_progress  tina  yes    403        403       403         same         403             same          403      same         same
    in_progress  tina  no     403        403       403         same         403             same          403      same         same
    in_progress  tom   yes    403        403       409         handed_over  409             handed_over   403      handed_over  handed_over
    in_progress  tom   no     403        403       409         422          409             422           403      422          422
    in_progress  otto  no     403        403       403         422          403             422           403      422          422
    resolved     self  yes    403        403       409         409          409             409           403      409          409
    resolved     self  no     403        403       409         409          409             409           403      409          409
    resolved     tina  yes    403        403       403         409          403             409           403      409          409
    resolved     tina  no     403        403       403         409          403             409           403      409          409
    resolved     tom   yes    403        403       409         409          409             409           403      409          409
    resolved     tom   no     403        403       409         409          409             409           403      409          409
    resolved     otto  no     403        403       403         409          403             409           403      409          409
    closed       self  yes    403        403       409         409          409             409           403      409          409
    closed       self  no     403        403       409         409          409             409           403      409          409
    closed       tina  yes    403        403       403         409          403             409           403      409          409
    closed       tina  no     403        403       403         409          403             409           403      409          409
    closed       tom   yes    403        403       409         409          409             409           403      409          409
    closed       tom   no     403        403       409         409          409             409           403      409          409
    closed       otto  no     403        403       403         409          403             409           403      409          409";

/// What assigning to Tom records, and the state of the ticket afterwards.
const EFFECTS: &str = "
    from         type         change             to           assignee  resolution  resolved  closed
    open         assigned     assignee:->Tom     in_progress  Tom       -           -         -
    in_progress  handed_over  assignee:Tina>Tom  in_progress  Tom       -           -         -";

fn named(name: &str, actor: &Person) -> Person {
    match name {
        "self" => actor.clone(),
        "tina" => tina(),
        "tom" => tom(),
        "otto" => otto(),
        other => panic!("unknown person: {other}"),
    }
}

/// Assigns the ticket as a function does that found, or did not find, the named person to be an
/// active technician.
pub(super) fn assign(ticket: Ticket, to: &Person, found: bool, actor: &Person) -> Result<Outcome, Refusal> {
    ticket.assign(to.id, found.then(|| to.clone()), Actor::of(actor), stamp(NOW))
}

#[test]
fn assigning_in_every_status_has_the_outcome_in_the_table() {
    for cell in cells_by_scene(ASSIGNING, 3, Status::ALL.len() * 7) {
        let (status, scene) = (Status::named(cell.row[0]).unwrap(), scene(cell.column));
        let before = ticket_in(status, &scene.requester);
        let to = named(cell.row[1], &scene.actor);
        let shown = match assign(before.clone(), &to, cell.row[2] == "yes", &scene.actor) {
            Ok(Outcome::Unchanged(ticket)) => {
                assert_eq!(*ticket, before);
                "same"
            }
            Ok(Outcome::Changed(change)) => {
                assert_is_next_entry(&change, &before, &scene.actor);
                assert_eq!(change.needs_technician, Some(to.id));
                assert_eq!(change.ticket.head.assignee, Some(to));
                change.entries[0].event_type.as_str()
            }
            Err(refusal) => refusal_name(&refusal, status, &scene),
        };
        assert_eq!(shown, cell.text, "{:?} by {}", cell.row, cell.column);
    }
}

#[test]
fn assigning_leaves_the_entries_and_the_ticket_in_the_table() {
    for line in EFFECTS.trim().lines().skip(1) {
        let row: Vec<&str> = line.split_whitespace().collect();
        let mut seen = 0;
        for scene in scenes() {
            let before = ticket_in(Status::named(row[0]).unwrap(), &scene.requester);
            let Ok(Outcome::Changed(change)) = assign(before, &tom(), true, &scene.actor) else {
                continue;
            };
            let entry = &change.entries[0];
            let shown = format!(
                "{} {} {}",
                entry.event_type.as_str(),
                changes_shown(&entry.changes),
                state_shown(&change.ticket)
            );
            assert_eq!(shown, row[1..].join(" "), "by {}", scene.column);
            assert_eq!(statuses_shown(entry), format!("{}>{}", row[0], row[3]));
            seen += 1;
        }
        assert_eq!(seen, 4, "the number of people with permission: {line}");
    }
}

#[test]
fn the_second_of_two_technicians_taking_a_ticket_learns_it_is_taken() {
    assert!(matches!(assign(ticket_in(Status::Open, &rita()), &tom(), true, &tom()), Ok(Outcome::Changed(_))));
    let taken = ticket_in(Status::InProgress, &rita());
    assert_eq!(
        assign(taken, &tom(), true, &tom()).unwrap_err(),
        Refusal::InvalidTransition { status: Status::InProgress, allowed: vec!["update", "note"] }
    );
}

#[test]
fn an_admin_may_give_a_ticket_to_a_technician_who_is_its_requester() {
    let open = ticket_in(Status::Open, &tom());
    let change = assigned(open, &tom(), &ada(), NOW);
    assert_eq!(change.entries[0].event_type, EventType::Assigned);
    assert_eq!(change.entries[0].actor, ada());
    assert_eq!(change.ticket.head.assignee, Some(tom()));
}
