//! The message for a person who may not do something, and a check that the suggested step makes it
//! possible.

use serde_json::json;

use super::*;
use crate::lifecycle::{Command, Status};
use crate::permission::Actor;
use crate::permission::{DeskAction, TicketAction};
use crate::samples::{NOW, Scene, ada, assigned, resolve, rita, scenes, stamp, ticket_in, tina};
use crate::text::{CommentBody, NoteBody};
use crate::ticket::{CommandRequest, Outcome, Ticket, TicketPatch};
use crate::user::{Person, Role};

/// Attempts the action on the ticket and returns whether it succeeded.
fn attempt(ticket: Ticket, action: TicketAction, actor: &Person) -> Result<(), Refusal> {
    let at = || stamp(NOW + 2);
    let patch = |ticket: Ticket, body| {
        ticket.patch(TicketPatch::from_body(body).unwrap(), Actor::of(actor), at()).map(drop::<Outcome>)
    };
    let execute = |ticket: Ticket, request| ticket.execute(request, Actor::of(actor), at()).map(drop);
    // A person who is neither the actor nor the assignee.
    let other = Person { role: Role::Technician, ..crate::samples::otto() };
    let assign = |ticket: Ticket, to: &Person| ticket.assign(to.id, Some(to.clone()), Actor::of(actor), at()).map(drop);
    match action {
        TicketAction::SeeTicket => ticket.head.check_visible_to(Actor::of(actor)),
        TicketAction::Comment => {
            ticket.comment(CommentBody::parse("Hello.".to_owned()).unwrap(), Actor::of(actor), [at(), at()]).map(drop)
        }
        TicketAction::EditTexts => patch(ticket, json!({"title": "Another"})),
        TicketAction::Classify => patch(ticket, json!({"priority": "low"})),
        TicketAction::SeeNotes => ticket.head.check_permission(Actor::of(actor), action),
        TicketAction::WriteNote => {
            ticket.head.note(NoteBody::parse("Between us.".to_owned()).unwrap(), Actor::of(actor), at()).map(drop)
        }
        TicketAction::Command(Command::Take) => assign(ticket, actor),
        TicketAction::Command(Command::Give | Command::HandOver) => assign(ticket, &other),
        TicketAction::Command(Command::Release) => execute(ticket, CommandRequest::Release(None)),
        TicketAction::Command(Command::Resolve) => execute(ticket, resolve("Done.")),
        TicketAction::Command(Command::Reopen) => execute(ticket, CommandRequest::Reopen(None)),
        TicketAction::Command(Command::Close) => execute(ticket, CommandRequest::Close(None)),
        TicketAction::Command(Command::Withdraw) => execute(ticket, CommandRequest::Withdraw(None)),
    }
}

/// Returns every refusal for lack of permission: scene, status, action and message.
fn refusals() -> Vec<(Scene, Status, TicketAction, String)> {
    let mut all = Vec::new();
    for action in TicketAction::ALL {
        for status in Status::ALL {
            all.extend(scenes().into_iter().filter_map(|scene| refused(scene, status, action)));
        }
    }
    all
}

fn refused(scene: Scene, status: Status, action: TicketAction) -> Option<(Scene, Status, TicketAction, String)> {
    // Giving and handing over are the same request. The status decides which of the two it is.
    let other = if status == Status::Open { Command::HandOver } else { Command::Give };
    let ticket = ticket_in(status, &scene.requester);
    if action == TicketAction::Command(other) || ticket.head.check_visible_to(Actor::of(&scene.actor)).is_err() {
        return None;
    }
    match attempt(ticket, action, &scene.actor) {
        Err(Refusal::Forbidden { detail, .. }) => Some((scene, status, action, detail)),
        _ => None,
    }
}

#[test]
fn refusals_match_their_snapshot() {
    let mut text = String::new();
    for action in DeskAction::ALL {
        for (role, may) in Role::ALL.into_iter().zip(action.row()) {
            if !may {
                text.extend([format!("{action:?} {}: {}\n", role.as_str(), action.refusal(role))]);
            }
        }
    }
    for (scene, status, action, detail) in refusals() {
        text.extend([format!("{action:?} {} {}: {detail}\n", status.as_str(), scene.column)]);
    }
    assert_eq!(
        text,
        include_str!("../../../../../tests/snapshots/refusals.txt"),
        "decide, then write the table as it is now to tests/snapshots/refusals.txt:\n{text}"
    );
}

#[test]
fn the_suggested_step_makes_the_command_possible() {
    let (mut taken, mut handed_over) = (0, 0);
    for (scene, status, action, detail) in refusals() {
        let ticket = ticket_in(status, &scene.requester);
        let suggests_taking = detail.ends_with("Take the ticket first.");
        let suggests_handover = detail.ends_with("Ask for the ticket to be handed over to you first.");
        let may_take = attempt(ticket.clone(), TicketAction::Command(Command::Take), &scene.actor).is_ok();
        let done = |ticket: Ticket, by: &Person| {
            let theirs = assigned(ticket, &scene.actor, by, NOW).ticket;
            attempt(theirs, action, &scene.actor)
        };
        if suggests_taking {
            assert_eq!(done(ticket, &scene.actor), Ok(()), "{action:?} {status:?} {}", scene.column);
            taken += 1;
        } else if suggests_handover {
            assert_eq!(done(ticket, &ada()), Ok(()), "{action:?} {status:?} {}", scene.column);
            handed_over += 1;
        } else if may_take && status == Status::Open && action != TicketAction::Command(Command::Release) {
            // Releasing a ticket that was just taken leaves it where it was.
            assert!(done(ticket, &scene.actor).is_err(), "{action:?} {status:?} {}: {detail}", scene.column);
        }
    }
    assert!(taken > 3 && handed_over > 3, "{taken} {handed_over}");
}

#[test]
fn a_refusal_lists_the_allowed_actions() {
    let ticket = ticket_in(Status::Open, &rita());
    let allowed = ticket.head.allowed_actions(Actor::of(&tina()));
    let refusal = attempt(ticket, TicketAction::Command(Command::Resolve), &tina()).unwrap_err();
    let detail = "Only its assignee and admins may do this. Take the ticket first.".to_owned();
    assert_eq!(refusal, Refusal::Forbidden { detail, allowed });
}
