//! Every command in every status by every person.

use crate::lifecycle::Status;
use crate::permission::Actor;
use crate::samples::{NOW, cells_by_scene, resolve, rita, scene, stamp, ticket_in, tina};
use crate::text::{CommentBody, Reason};

use super::*;

/// The outcome of a command: the status afterwards, or the refusal.
const OUTCOMES: &str = "
    status       command   requester    stranger  technician  assignee     own-technician  own-assignee  demoted  admin        own-admin
    open         release   403          403       403         403          403             403           403      409          409
    open         resolve   403          403       403         403          403             403           403      409          409
    open         reopen    409          403       403         403          409             409           403      409          409
    open         close     409          403       403         403          409             409           403      409          409
    open         withdraw  closed       403       403         403          closed          closed        403      closed       closed
    in_progress  release   403          403       403         open         403             open          403      open         open
    in_progress  resolve   403          403       403         resolved     403             resolved      403      resolved     resolved
    in_progress  reopen    409          403       403         409          409             409           403      409          409
    in_progress  close     409          403       403         403          409             409           403      409          409
    in_progress  withdraw  409          403       403         403          409             409           403      409          409
    resolved     release   403          403       403         409          403             409           403      409          409
    resolved     resolve   403          403       403         409          403             409           403      409          409
    resolved     reopen    in_progress  403       403         in_progress  in_progress     in_progress   403      in_progress  in_progress
    resolved     close     closed       403       403         403          closed          closed        403      closed       closed
    resolved     withdraw  409          403       403         403          409             409           403      409          409
    closed       release   403          403       403         409          403             409           403      409          409
    closed       resolve   403          403       403         409          403             409           403      409          409
    closed       reopen    409          403       403         409          409             409           403      409          409
    closed       close     409          403       403         403          409             409           403      409          409
    closed       withdraw  409          403       403         403          409             409           403      409          409";

/// What an accepted command records, and the state of the ticket afterwards.
const EFFECTS: &str = "
    from         command   type       change               to           assignee  resolution  resolved  closed
    open         withdraw  withdrawn  -                    closed       -         -           -         00:09
    in_progress  release   released   assignee:Tina>-      open         -         -           -         -
    in_progress  resolve   resolved   resolution:->Reboot  resolved     Tina      Reboot@3    00:09     -
    resolved     reopen    reopened   resolution:Toner>-   in_progress  Tina      -           -         -
    resolved     close     closed     -                    closed       Tina      Toner@3     00:03     00:09";

/// The names of the commands, in the order of the tables.
const COMMANDS: [&str; 5] = ["release", "resolve", "reopen", "close", "withdraw"];

pub(super) fn request(name: &str, reason: Option<Reason>) -> CommandRequest {
    match name {
        "release" => CommandRequest::Release(reason),
        "resolve" => resolve("Reboot"),
        "reopen" => CommandRequest::Reopen(reason),
        "close" => CommandRequest::Close(reason),
        "withdraw" => CommandRequest::Withdraw(reason),
        other => panic!("unknown command: {other}"),
    }
}

#[test]
fn every_command_in_every_status_has_the_outcome_in_the_table() {
    for cell in cells_by_scene(OUTCOMES, 2, Status::ALL.len() * COMMANDS.len()) {
        let (status, scene) = (Status::named(cell.row[0]).unwrap(), scene(cell.column));
        let before = ticket_in(status, &scene.requester);
        let answer = before.clone().execute(request(cell.row[1], None), Actor::of(&scene.actor), stamp(NOW));
        let shown = match &answer {
            Ok(change) => {
                assert_is_next_entry(change, &before, &scene.actor);
                change.ticket.head.status.as_str()
            }
            Err(refusal) => refusal_name(refusal, status, &scene),
        };
        assert_eq!(shown, cell.text, "{:?} by {}", cell.row, cell.column);
    }
}

#[test]
fn every_accepted_command_leaves_the_entries_and_ticket_in_the_table() {
    for scene in crate::samples::scenes() {
        for line in EFFECTS.trim().lines().skip(1) {
            let row: Vec<&str> = line.split_whitespace().collect();
            let before = ticket_in(Status::named(row[0]).unwrap(), &scene.requester);
            let answer = before.execute(request(row[1], None), Actor::of(&scene.actor), stamp(NOW));
            let Ok(change) = answer else { continue };
            let entry = &change.entries[0];
            let shown = format!(
                "{} {} {}",
                entry.event_type.as_str(),
                changes_shown(&entry.changes),
                state_shown(&change.ticket)
            );
            assert_eq!(shown, row[2..].join(" "), "{} by {}", row[1], scene.column);
            assert_eq!(statuses_shown(entry), format!("{}>{}", row[0], row[4]));
            let worked_on_again = (row[1] == "reopen").then(|| tina().id);
            assert_eq!(change.needs_technician, worked_on_again, "{}", row[1]);
        }
    }
}

#[test]
fn a_reason_is_kept_in_the_entry_and_a_resolution_is_not_a_reason() {
    let reason = Reason::parse("It came back.".to_owned()).unwrap();
    for (status, name, expected) in [
        (Status::InProgress, "release", Some(&reason)),
        (Status::InProgress, "resolve", None),
        (Status::Resolved, "reopen", Some(&reason)),
        (Status::Resolved, "close", Some(&reason)),
        (Status::Open, "withdraw", Some(&reason)),
    ] {
        let scene = scene("admin");
        let request = request(name, Some(reason.clone()));
        let ticket = ticket_in(status, &scene.requester);
        let change = ticket.execute(request, Actor::of(&scene.actor), stamp(NOW)).unwrap();
        assert_eq!(change.entries[0].reason.as_ref(), expected, "{name}");
        assert_eq!(change.entries[0].body, None, "{name}");
    }
}

#[test]
fn a_ticket_resolved_again_has_the_latest_resolution() {
    let scene = scene("assignee");
    let ticket = ticket_in(Status::Resolved, &scene.requester);
    let reopened = ticket.execute(CommandRequest::Reopen(None), Actor::of(&scene.actor), stamp(5));
    let resolved = reopened.unwrap().ticket.execute(resolve("Reboot"), Actor::of(&scene.actor), stamp(NOW));
    let change = resolved.unwrap();
    assert_eq!(changes_shown(&change.entries[0].changes), "resolution:->Reboot");
    assert_eq!(state_shown(&change.ticket), "resolved Tina Reboot@5 00:09 -");
}

#[test]
fn a_ticket_whose_assignee_left_reopens_into_the_ticket_queue() {
    let body = || CommentBody::parse("It jams again.".to_owned()).unwrap();
    for by_comment in [false, true] {
        let before = Ticket { assignee_left: true, ..ticket_in(Status::Resolved, &rita()) };
        let change = if by_comment {
            before.comment(body(), Actor::of(&rita()), [stamp(NOW), stamp(NOW)])
        } else {
            before.execute(CommandRequest::Reopen(None), Actor::of(&rita()), stamp(NOW))
        };
        let change = change.unwrap();
        let entry = change.entries.last().unwrap();
        assert_eq!(changes_shown(&entry.changes), "resolution:Toner>- assignee:Tina>-");
        assert_eq!(statuses_shown(entry), "resolved>open");
        assert_eq!(state_shown(&change.ticket), "open - - - -");
        assert!(change.reopens() && change.needs_technician.is_none());
    }
}
