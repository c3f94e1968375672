//! What is in the table before a measurement.

use domain::id::{TicketNumber, UserId};
use domain::permission::Actor;
use domain::text::PersonName;
use domain::ticket::{NewTicket, Outcome, Ticket};
use domain::user::{EmailAddress, Person, Role, User};
use edges::clock;
use edges::store::Store;
use serde_json::Value;

/// Registers a person without a password.
pub(crate) async fn account(store: &Store, name: &str, role: Role) -> User {
    let email = EmailAddress::parse(&format!("{}@example.org", name.to_lowercase())).unwrap();
    let id = UserId::new(clock::now(), clock::id_bytes());
    let user = User::register(id, PersonName::parse(name.to_owned()).unwrap(), email, role, clock::now());
    store.register(&user, "no hash".to_owned()).await.unwrap();
    user
}

/// Opens a ticket of a requester, which a technician takes.
pub(crate) async fn taken(store: &Store, number: u64, body: Value, requester: &Person, technician: &Person) -> Ticket {
    let new = NewTicket::from_body(body).unwrap();
    let number = TicketNumber::new(number).unwrap();
    let opened = Ticket::open(number, new, requester.clone(), Actor::of(requester), clock::stamp());
    store.commit(&opened, None).await.unwrap();
    let outcome =
        opened.ticket.assign(technician.id, Some(technician.clone()), Actor::of(technician), clock::stamp()).unwrap();
    let Outcome::Changed(change) = outcome else { panic!("an open ticket can be taken") };
    store.commit(&change, None).await.unwrap();
    change.ticket
}
