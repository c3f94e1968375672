use domain::log::{Hash, LogEntry};
use domain::permission::Actor;
use domain::text::{CommentBody, NoteBody};
use domain::ticket::{Change, CommandRequest, Outcome, Ticket};
use domain::user::{Person, Role, User};
use edges::clock;
use edges::store::{Author, CommitError, LogKind, LogOrder, NoteConditions, Store, UserChange};
use serde_json::json;

use crate::people::{account, opened};
use crate::table::Table;

fn comment(ticket: &Ticket, actor: &Person, text: &str) -> Change {
    let body = CommentBody::parse(text.to_owned()).unwrap();
    ticket.clone().comment(body, Actor::of(actor), [clock::stamp(), clock::stamp()]).unwrap()
}

fn taken(ticket: &Ticket, technician: &Person) -> Change {
    let outcome =
        ticket.clone().assign(technician.id, Some(technician.clone()), Actor::of(technician), clock::stamp()).unwrap();
    match outcome {
        Outcome::Changed(change) => *change,
        Outcome::Unchanged(_) => panic!("an open ticket can be taken"),
    }
}

async fn log(store: &Store, ticket: &Ticket) -> Vec<LogEntry> {
    let head = store.head(ticket.head.number).await.unwrap().unwrap();
    store.log(&head, LogKind::All, LogOrder::OldestFirst, None, 100).await.unwrap().items
}

#[tokio::test]
async fn a_stored_ticket_matches_every_change_and_its_log_is_chained() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let tina = account(store, "Tina", Role::Technician).await;
    let mut ticket = opened(store, 1, &ana).await;
    let resolve = || CommandRequest::resolve(json!({"resolution": "New rollers."})).unwrap();
    let steps: [&dyn Fn(Ticket) -> Change; 6] = [
        &|ticket| taken(&ticket, &tina),
        &|ticket| ticket.execute(resolve(), Actor::of(&tina), clock::stamp()).unwrap(),
        // A requester's comment on a resolved ticket adds two entries in one transaction.
        &|ticket| comment(&ticket, &ana, "Still jams."),
        &|ticket| comment(&ticket, &tina, "Looking again."),
        &|ticket| ticket.execute(resolve(), Actor::of(&tina), clock::stamp()).unwrap(),
        &|ticket| ticket.execute(CommandRequest::Close(None), Actor::of(&ana), clock::stamp()).unwrap(),
    ];
    for step in steps {
        let change = step(ticket);
        store.commit(&change, None).await.unwrap();
        ticket = store.ticket(change.ticket.head.number).await.unwrap().unwrap();
        assert_eq!(ticket, change.ticket);
    }
    let entries = log(store, &ticket).await;
    let mut before = Hash::ZERO;
    for (entry, seq) in entries.iter().zip(1..) {
        assert_eq!((entry.seq, entry.previous_hash, entry.hash), (seq, before, entry.computed_hash()));
        before = entry.hash;
    }
    assert_eq!((entries.len() as u64, before), (ticket.head.seq, ticket.head.hash));
    assert_eq!(ticket.head.seq, 8);
}

#[tokio::test]
async fn a_change_based_on_a_stale_version_is_refused_entirely() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let ticket = opened(store, 1, &ana).await;
    let (first, second) = (comment(&ticket, &ana, "first"), comment(&ticket, &ana, "second"));
    store.commit(&first, None).await.unwrap();
    assert!(matches!(store.commit(&second, None).await, Err(CommitError::Conflict)));
    assert!(
        matches!(store.commit(&first, None).await, Err(CommitError::Conflict)),
        "the same change cannot be committed twice"
    );
    let said: Vec<_> = log(store, &ticket).await.into_iter().filter_map(|entry| entry.body).collect();
    assert_eq!(said.len(), 1);
    assert_eq!(store.ticket(ticket.head.number).await.unwrap().unwrap(), first.ticket);
}

#[tokio::test]
async fn a_note_for_a_stale_version_of_a_ticket_is_refused() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let tina = account(store, "Tina", Role::Technician).await;
    let ticket = opened(store, 1, &ana).await;
    let body = NoteBody::parse("Between us.".to_owned()).unwrap();
    let note = || ticket.head.note(body.clone(), Actor::of(&tina), clock::stamp()).unwrap();
    let notes = async || store.notes(ticket.head.number, LogOrder::OldestFirst, None, 10).await.unwrap().items.len();
    let of_version_1 = NoteConditions { version: Some(1), stored: None };
    store.write_note(&note(), of_version_1).await.unwrap();
    store.commit(&comment(&ticket, &ana, "It moves on."), None).await.unwrap();
    assert!(matches!(store.write_note(&note(), of_version_1).await, Err(CommitError::Conflict)));
    assert_eq!(notes().await, 1);
    store.write_note(&note(), NoteConditions::default()).await.unwrap();
    assert_eq!(notes().await, 2);
}

#[tokio::test]
async fn a_ticket_is_not_assigned_to_a_technician_demoted_in_the_meantime() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let tina = account(store, "Tina", Role::Technician).await;
    let ticket = opened(store, 1, &ana).await;
    let change = taken(&ticket, &tina);
    let demoted = |tina: &User| tina.with_role(Role::User, clock::now());
    let change_of_role = UserChange { author: Author::Owner(&tina), change: &demoted, event: None };
    store.change_user(tina.id, change_of_role).await.unwrap().unwrap();
    assert!(matches!(store.commit(&change, None).await, Err(CommitError::NotATechnician)));
    assert_eq!(store.ticket(ticket.head.number).await.unwrap().unwrap(), ticket);
    assert_eq!(log(store, &ticket).await.len(), 1);
    // If the ticket moved on as well, that comes first: the change is decided again.
    store.commit(&comment(&ticket, &ana, "It moves on."), None).await.unwrap();
    assert!(matches!(store.commit(&change, None).await, Err(CommitError::Conflict)));
}

#[tokio::test]
async fn a_ticket_number_is_given_out_once() {
    let table = Table::new().await;
    let given = futures_util::future::join_all((0..20).map(|_| table.store.next_ticket_number())).await;
    let mut numbers: Vec<u64> = given.into_iter().map(|number| number.unwrap().get()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<u64>>());
}
