//! The actions that a person is offered, and whether they can see the ticket at all.

use serde_json::json;

use crate::lifecycle::Status;
use crate::permission::Actor;
use crate::samples::{NOW, scenes, stamp, ticket_in, tina, tom};
use crate::text::{CommentBody, NoteBody};
use crate::user::Person;

use super::*;

#[test]
fn the_allowed_actions_match_the_table() {
    for scene in scenes() {
        for status in Status::ALL {
            let head = ticket_in(status, &scene.requester).head;
            let actions = head.allowed_actions(Actor::of(&scene.actor));
            assert_eq!(actions, allowed(status, &scene), "{status:?} for {}", scene.column);
        }
    }
}

/// Returns whether the ticket accepts this action from this person, by trying it.
fn accepts(ticket: Ticket, action: &str, actor: &Person) -> bool {
    match action {
        "assign" => [actor.clone(), tina(), tom()].into_iter().any(|to| {
            let assigned = assigning::assign(ticket.clone(), &to, true, actor);
            matches!(assigned, Ok(Outcome::Changed(_)))
        }),
        "comment" => {
            let body = CommentBody::parse("Hello".to_owned()).unwrap();
            let stamps = [stamp(NOW), stamp(NOW + 1)];
            ticket.comment(body, Actor::of(actor), stamps).is_ok()
        }
        "update" => {
            let patches = [json!({"title": "Anything else"}), json!({"priority": "low"})];
            patches.into_iter().any(|body| {
                let patch = TicketPatch::from_body(body).unwrap();
                matches!(ticket.clone().patch(patch, Actor::of(actor), stamp(NOW)), Ok(Outcome::Changed(_)))
            })
        }
        "note" => {
            let body = NoteBody::parse("Between us.".to_owned()).unwrap();
            ticket.head.note(body, Actor::of(actor), stamp(NOW)).is_ok()
        }
        command => {
            let request = commands::request(command, None);
            ticket.execute(request, Actor::of(actor), stamp(NOW)).is_ok()
        }
    }
}

#[test]
fn the_allowed_actions_are_exactly_those_that_succeed() {
    let all = ["assign", "release", "resolve", "reopen", "close", "withdraw", "comment", "update", "note"];
    for scene in scenes() {
        for status in Status::ALL {
            let ticket = ticket_in(status, &scene.requester);
            let accepted: Vec<&str> =
                all.into_iter().filter(|action| accepts(ticket.clone(), action, &scene.actor)).collect();
            assert_eq!(
                ticket.head.allowed_actions(Actor::of(&scene.actor)),
                accepted,
                "{status:?} for {}",
                scene.column
            );
        }
    }
}

#[test]
fn only_its_requester_and_staff_can_see_a_ticket() {
    for scene in scenes() {
        let hidden = ["stranger", "demoted"].contains(&scene.column);
        for status in Status::ALL {
            let ticket = ticket_in(status, &scene.requester);
            let expected = if hidden { Err(Refusal::Hidden) } else { Ok(ticket.clone()) };
            assert_eq!(ticket.visible_to(Actor::of(&scene.actor)), expected, "{status:?} to {}", scene.column);
        }
    }
}
