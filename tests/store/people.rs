use domain::id::{TicketNumber, UserId};
use domain::permission::Actor;
use domain::text::PersonName;
use domain::ticket::{Change, NewTicket, Ticket};
use domain::user::{EmailAddress, Person, Role, User};
use edges::clock;
use edges::store::Store;
use serde_json::{Value, json};

/// Stores an account.
pub(crate) async fn account(store: &Store, name: &str, role: Role) -> Person {
    let user = user(name, role);
    store.register(&user, "no hash".to_owned()).await.unwrap();
    user.person()
}

/// Stores a service account that is a technician.
pub(crate) async fn service_account(store: &Store, name: &str, admin: &Person) -> Person {
    let id = UserId::new(clock::now(), clock::id_bytes());
    let user = User::service(id, PersonName::parse(name.to_owned()).unwrap(), Role::Technician, clock::now());
    store.create_service_account(&user, Actor::of(admin)).await.unwrap();
    user.person()
}

/// Returns an account that is not stored yet.
pub(crate) fn user(name: &str, role: Role) -> User {
    let id = UserId::new(clock::now(), clock::id_bytes());
    User::register(id, PersonName::parse(name.to_owned()).unwrap(), address(name), role, clock::now())
}

/// Returns the address of the person with this name.
pub(crate) fn address(name: &str) -> EmailAddress {
    EmailAddress::parse(&format!("{}@example.org", name.to_lowercase())).unwrap()
}

/// Returns the opening of a ticket, with these fields in addition to the required ones.
pub(crate) fn opening(number: u64, requester: &Person, fields: &Value) -> Change {
    let mut body = json!({"title": "The printer jams", "description": "Every second page."});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let new = NewTicket::from_body(body).unwrap();
    let number = TicketNumber::new(number).unwrap();
    Ticket::open(number, new, requester.clone(), Actor::of(requester), clock::stamp())
}

/// Stores a ticket.
pub(crate) async fn opened(store: &Store, number: u64, requester: &Person) -> Ticket {
    let change = opening(number, requester, &json!({}));
    store.commit(&change, None).await.unwrap();
    change.ticket
}
