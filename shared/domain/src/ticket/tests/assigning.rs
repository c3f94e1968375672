//! Taking, giving and handing over.

use crate::samples::{NOW, ada, cells_by_scene, rita, scene, scenes, stamp, ticket_in, tina, tom};

use super::*;

/// What it is to assign a ticket of Tina's (an open one is nobody's) to oneself, to Tina and to Tom: the command, `same` where
/// they have it already, or the refusal. Whether the one named is an active technician is the caller's to look up.
const ASSIGNING: &str = "
    status       to    requester  stranger  technician  assignee  own-technician  own-assignee  demoted  admin     own-admin
    open         self  403        403       take        take      take            take          403      give      give
    open         tina  403        403       403         take      403             take          403      give      give
    open         tom   403        403       take        403       take            403           403      give      give
    in_progress  self  403        403       409         same      409             same          same     handover  handover
    in_progress  tina  same       same      same        same      same            same          same     same      same
    in_progress  tom   403        403       409         handover  409             handover      403      handover  handover
    resolved     self  403        403       409         409       409             409           403      409       409
    resolved     tina  403        403       403         409       403             409           403      409       409
    resolved     tom   403        403       409         403       409             403           403      409       409
    closed       self  403        403       409         409       409             409           403      409       409
    closed       tina  403        403       403         409       403             409           403      409       409
    closed       tom   403        403       409         403       409             403           403      409       409";

/// What assigning to Tom records, and how it leaves the ticket.
const EFFECTS: &str = "
    from         command   type         change             to           assignee  resolution  resolved  closed
    open         take      assigned     assignee:->Tom     in_progress  Tom       -           -         -
    open         give      assigned     assignee:->Tom     in_progress  Tom       -           -         -
    in_progress  handover  handed_over  assignee:Tina>Tom  in_progress  Tom       -           -         -";

fn named(name: &str, actor: &Person) -> Person {
    match name {
        "self" => actor.clone(),
        "tina" => tina(),
        "tom" => tom(),
        other => panic!("nobody: {other}"),
    }
}

const fn command_name(command: Command) -> &'static str {
    match command {
        Command::Take => "take",
        Command::Give => "give",
        Command::HandOver => "handover",
        _ => "another",
    }
}

/// Both steps of assigning, as a function does them; none if they have it already.
pub(super) fn assign(
    ticket: Ticket,
    to: Person,
    actor: &Person,
) -> Result<Option<(Command, Change)>, Refusal> {
    let Some(command) = ticket.assigning(to.id, actor)? else {
        return Ok(None);
    };
    let change = ticket.assign(command, to, actor, stamp(NOW))?;
    Ok(Some((command, change)))
}

#[test]
fn assigning_in_every_status_is_answered_as_the_table_says() {
    for cell in cells_by_scene(ASSIGNING, 2, Status::ALL.len() * 3) {
        let (status, scene) = (Status::named(cell.row[0]).unwrap(), scene(cell.column));
        let before = ticket_in(status, &scene.requester);
        let to = named(cell.row[1], &scene.actor);
        let shown = match assign(before.clone(), to.clone(), &scene.actor) {
            Ok(None) => "same",
            Ok(Some((command, change))) => {
                assert_is_next_entry(&change, &before, &scene.actor);
                assert_eq!(change.needs_technician, Some(to.id));
                assert_eq!(change.ticket.head.assignee, Some(to));
                command_name(command)
            }
            Err(refusal) => refusal_name(&refusal, status, &scene),
        };
        assert_eq!(shown, cell.text, "{:?} by {}", cell.row, cell.column);
    }
}

#[test]
fn assigning_records_and_leaves_what_the_table_says() {
    let mut seen = Vec::new();
    for scene in scenes() {
        for line in EFFECTS.trim().lines().skip(1) {
            let row: Vec<&str> = line.split_whitespace().collect();
            let before = ticket_in(Status::named(row[0]).unwrap(), &scene.requester);
            let Ok(Some((command, change))) = assign(before, tom(), &scene.actor) else {
                continue;
            };
            if command_name(command) != row[1] {
                continue;
            }
            let entry = &change.entries[0];
            let shown = format!(
                "{} {} {}",
                entry.event_type.as_str(),
                changes_shown(&entry.changes),
                state_shown(&change.ticket)
            );
            assert_eq!(shown, row[2..].join(" "), "{} by {}", row[1], scene.column);
            assert_eq!(statuses_shown(entry), format!("{}>{}", row[0], row[4]));
            seen.push(row[1]);
        }
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, ["give", "handover", "take"]);
}

#[test]
fn of_two_technicians_who_take_a_ticket_the_later_is_told_that_it_is_taken() {
    let open = ticket_in(Status::Open, &rita());
    let decided = open.assigning(tom().id, &tom()).unwrap().unwrap();
    let taken = ticket_in(Status::InProgress, &rita());
    assert_eq!(
        taken
            .assign(decided, tom(), &tom(), stamp(NOW))
            .unwrap_err(),
        Refusal::InvalidTransition {
            status: Status::InProgress,
            allowed: Vec::new(),
        }
    );
}

#[test]
fn an_admin_may_give_a_ticket_to_the_technician_who_asked() {
    let open = ticket_in(Status::Open, &tom());
    let (command, change) = assign(open, tom(), &ada()).unwrap().unwrap();
    assert_eq!(command, Command::Give);
    assert_eq!(change.entries[0].actor, ada());
    assert_eq!(change.ticket.head.assignee, Some(tom()));
}
