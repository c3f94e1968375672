//! Closing tickets that were resolved days ago.

use desk::Desk;
use domain::lifecycle::{EventType, Status};
use domain::permission::Actor;
use domain::ticket::{CommandRequest, Outcome};
use domain::time::Timestamp;
use domain::user::{Person, Role};
use edges::clock::{self, Deadline};
use edges::store::{LogKind, LogOrder, Store};
use serde_json::json;

use crate::pages::is_intact;
use crate::people::{account, opened, opening};
use crate::table::Table;

const DAYS: i64 = 5;

async fn resolved(store: &Store, number: u64, ana: &Person, tina: &Person) -> Timestamp {
    let mut opened = opening(number, ana, &json!({}));
    let ticket = opened.ticket.clone();
    let Ok(Outcome::Changed(taken)) = ticket.assign(tina.id, Some(tina.clone()), Actor::of(tina), clock::stamp())
    else {
        panic!("an open ticket can be taken");
    };
    let resolve = CommandRequest::resolve(json!({"resolution": "Done."})).unwrap();
    let resolved = taken.ticket.execute(resolve, Actor::of(tina), clock::stamp()).unwrap();
    // In one transaction, because only the result matters.
    opened.entries.extend(taken.entries.into_iter().chain(resolved.entries));
    opened.ticket = resolved.ticket;
    store.commit(&opened, None).await.unwrap();
    opened.ticket.head.resolved_at.unwrap()
}

/// Returns a deadline that no engine exceeds.
fn in_time() -> Deadline {
    Deadline::at(clock::now().plus_seconds(600))
}

async fn run(store: &Store, now: Timestamp) -> (usize, bool) {
    let done = Desk::new(store.clone()).close_resolved(DAYS, now, in_time()).await.unwrap();
    (done.closed, done.complete)
}

#[tokio::test]
async fn resolved_tickets_are_closed_once_when_due_by_the_help_desk() {
    let table = Table::new().await;
    let store = &table.store;
    let (ana, tina) = (account(store, "Ana", Role::User).await, account(store, "Tina", Role::Technician).await);
    let mut last = clock::now();
    for number in 1..=130 {
        last = resolved(store, number, &ana, &tina).await;
    }
    opened(store, 131, &ana).await;
    let over = last.plus_seconds(DAYS * 24 * 3_600);
    assert_eq!(run(store, last).await, (0, true), "nothing is closed early");
    // Two concurrent runs close each ticket once.
    let (one, other) = tokio::join!(run(store, over), run(store, over));
    assert_eq!((one.0 + other.0, one.1 && other.1), (130, true));
    assert_eq!(run(store, over).await, (0, true));
    for number in [1, 130] {
        let number = domain::id::TicketNumber::new(number).unwrap();
        let head = store.head(number).await.unwrap().unwrap();
        assert_eq!(head.status, Status::Closed);
        let log = store.log(&head, LogKind::All, LogOrder::NewestFirst, None, 10).await.unwrap().items;
        assert_eq!((log[0].event_type, log[0].actor.role), (EventType::Closed, Role::System));
        assert_eq!(log[0].reason.as_ref().unwrap().as_str(), "Resolved for 5 days.");
        assert_eq!(log.len(), 4);
        assert!(is_intact(store, number).await);
    }
}

#[tokio::test]
async fn a_ticket_that_cannot_be_closed_fails_the_run_but_blocks_no_other() {
    let table = Table::new().await;
    let store = &table.store;
    let (ana, tina) = (account(store, "Ana", Role::User).await, account(store, "Tina", Role::Technician).await);
    for number in 1..=3 {
        resolved(store, number, &ana, &tina).await;
    }
    table.lose_log_entry(2, 1).await;
    let over = clock::now().plus_seconds(DAYS * 24 * 3_600);
    let failed = Desk::new(store.clone()).close_resolved(DAYS, over, in_time()).await.unwrap_err();
    assert!(failed.to_string().starts_with("tickets not closed: 1;"), "{failed}");
    for (number, status) in [(1, Status::Closed), (2, Status::Resolved), (3, Status::Closed)] {
        let number = domain::id::TicketNumber::new(number).unwrap();
        assert_eq!(store.head(number).await.unwrap().unwrap().status, status);
    }
}
