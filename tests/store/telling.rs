//! Every recipient is notified once, however often, in whatever order and however late the messages
//! arrive.
//!
//! `TELLING_DELIVERIES=100000 cargo test --package helpdesk-store-tests --test store telling` makes
//! the long run, and `TELLING_SEED` starts others.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use aws_lambda_events::event::sqs::SqsEvent;
use desk::deliveries::{Deliveries, DeliveryRequest};
use desk::notify::{ChannelQueues, Notifier};
use desk::ticket_mails::TicketMailer;
use domain::event::{NoteEvent, TicketEvent};
use domain::id::{EventId, UserId};
use domain::notification::{NotificationReason, NotificationTrigger, Preferences, recipients};
use domain::permission::Actor;
use domain::text::{CommentBody, NoteBody};
use domain::ticket::{CommandRequest, Outcome};
use domain::user::{Person, Role};
use domain::webhook::{NewWebhook, Reach, WebhookSecret};
use edges::clock::{self, Deadline};
use edges::queue::Queue;
use edges::store::{NoteConditions, Notification, Store};
use edges::webhook::WebhookClient;
use events::{MailWorker, NotifyWorker, notify, send_mails};
use lambda_runtime::Context;
use local::mails::Mails;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::numbers::Numbers;
use crate::people::{account, opened, opening, service_account};
use crate::stubs::{mailer, queue, queue_that_refuses, serve};
use crate::table::{Table, by_engine};

/// Deliveries to the notifier in a short run.
const DELIVERIES: usize = 300;
/// The maximum distance of a message from its original position.
const WINDOW: usize = 40;

#[expect(clippy::disallowed_methods, reason = "the environment configures a run")]
fn setting(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

impl Numbers {
    /// Returns each message one to five times, within the window around its position, and all of
    /// them a second and a third time, as after six minutes and after twenty-five hours, when no
    /// queue recognises duplicates.
    fn delivered<T: Clone>(&mut self, messages: &[T]) -> Vec<T> {
        let mut all = Vec::new();
        for _ in 0..3 {
            let mut placed: Vec<(usize, T)> = Vec::new();
            for (place, message) in messages.iter().enumerate() {
                let copies = 1 + self.below(5);
                placed.extend((0..copies).map(|_| (place + self.below(WINDOW), message.clone())));
            }
            placed.sort_by_key(|(place, _)| *place);
            all.extend(placed.into_iter().map(|(_, message)| message));
        }
        all
    }
}

/// An event and its recipients.
struct Sent {
    body: String,
    notified: Vec<(EventId, UserId)>,
    is_note: bool,
}

/// Runs the life of a ticket and returns its events and the event of a note.
async fn run_life(store: &Store, number: u64, ana: &Person, tina: &Person, ada: &Person) -> Vec<Sent> {
    let opened = opening(number, ana, &json!({"priority": "urgent"}));
    store.commit(&opened, None).await.unwrap();
    let event = TicketEvent::of(&opened.entries[0]);
    let mut sent = vec![Sent { body: event.to_json().unwrap(), notified: Vec::new(), is_note: false }];
    let ticket = opened.ticket;
    let Ok(Outcome::Changed(taken)) = ticket.assign(tina.id, Some(tina.clone()), Actor::of(tina), clock::stamp())
    else {
        panic!("an open ticket can be taken");
    };
    let text = || CommentBody::parse("Hello.".to_owned()).unwrap();
    let asked = taken.ticket.clone().comment(text(), Actor::of(ana), [clock::stamp(); 2]).unwrap();
    let answered = asked.ticket.clone().comment(text(), Actor::of(tina), [clock::stamp(); 2]).unwrap();
    let resolve = CommandRequest::resolve(json!({"resolution": "Done."})).unwrap();
    let resolved = answered.ticket.clone().execute(resolve, Actor::of(tina), clock::stamp()).unwrap();
    for change in [*taken, asked, answered, resolved] {
        store.commit(&change, None).await.unwrap();
        for entry in &change.entries {
            let event = TicketEvent::of(entry);
            let notified =
                recipients(&NotificationTrigger::of(&event)).into_iter().map(|to| (event.id, to.user_id)).collect();
            sent.push(Sent { body: event.to_json().unwrap(), notified, is_note: false });
        }
        if sent.len() == 3 {
            let head = &change.ticket.head;
            let note = head.note(NoteBody::parse("Hm.".to_owned()).unwrap(), Actor::of(ada), clock::stamp()).unwrap();
            store.write_note(&note, NoteConditions::default()).await.unwrap();
            let event = NoteEvent::of(&note);
            sent.push(Sent { body: event.to_json().unwrap(), notified: vec![(event.id, tina.id)], is_note: true });
        }
    }
    sent
}

pub(crate) fn batch(bodies: &[String]) -> SqsEvent {
    let records: Vec<_> = bodies
        .iter()
        .enumerate()
        .map(|(place, body)| {
            json!({
                "messageId": format!("m{place}"), "receiptHandle": "r", "body": body,
                "attributes": {"MessageGroupId": format!("g{place}")}, "messageAttributes": {},
                "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:::q", "awsRegion": "us-east-1",
            })
        })
        .collect();
    serde_json::from_value(json!({ "Records": records })).unwrap()
}

/// The notifier, with queues of the test.
pub(crate) fn notify_worker(store: &Store, email: Queue, webhooks: Queue, dead_letters: Queue) -> NotifyWorker {
    NotifyWorker::new(Notifier::new(store.clone(), ChannelQueues { email, webhooks }), dead_letters)
}

pub(crate) fn deadline() -> Deadline {
    Deadline::of(&Context::default())
}

pub(crate) async fn whole_inbox(store: &Store, person: &Person) -> Vec<Notification> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = store.inbox(person, false, clock::now(), after.as_deref(), 100).await.unwrap();
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

async fn inboxes(store: &Store, people: &[&Person]) -> BTreeSet<(EventId, UserId)> {
    let mut found = BTreeSet::new();
    for person in people {
        let mut notifications = whole_inbox(store, person).await;
        // Technicians share the notifications of new tickets, which have another id.
        notifications.retain(|notification| notification.reason != NotificationReason::NewTicket);
        for notification in notifications {
            assert!(found.insert((notification.id, person.id)), "notified twice");
        }
    }
    found
}

/// Checks that each of these people was notified of this many new tickets, and of each once.
async fn assert_notified_of_new_tickets(store: &Store, people: [(&Person, usize); 3]) {
    for (person, count) in people {
        let mut notifications = whole_inbox(store, person).await;
        notifications.retain(|notification| notification.reason == NotificationReason::NewTicket);
        let tickets: BTreeSet<_> = notifications.iter().map(|notification| notification.event.ticket).collect();
        assert_eq!((notifications.len(), tickets.len()), (count, count), "new tickets for {}", person.name.as_str());
    }
}

#[tokio::test]
async fn recipients_are_notified_once_per_channel_despite_duplicates_and_delays() {
    let table = Table::new().await;
    let store = &table.store;
    let (ana, tina) = (account(store, "Ana", Role::User).await, account(store, "Tina", Role::Technician).await);
    let ada = account(store, "Ada", Role::Admin).await;
    let posted: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&posted);
    let receiver = serve(move |request| {
        kept.lock().unwrap().push(request.header("webhook-id"));
        Some((204, "connection: close\r\n".to_owned(), String::new()))
    });
    let new = NewWebhook::from_body(json!({ "url": receiver }), Reach::PublicOrLoopback).unwrap();
    let webhook = new.into_webhook(
        domain::id::WebhookId::new(clock::now(), clock::id_bytes()),
        WebhookSecret::new([7; 32]),
        clock::now(),
    );
    store.create_webhook(&webhook, Actor::of(&ada)).await.unwrap();

    // A life has six messages, each of which comes nine times on average.
    let mut numbers = Numbers(setting("TELLING_SEED", 2026) as u64);
    let lives = setting("TELLING_DELIVERIES", DELIVERIES / by_engine(1, 3)).div_ceil(6 * 9);
    let mut sent = Vec::new();
    for number in 1..=lives as u64 {
        sent.extend(run_life(store, number, &ana, &tina, &ada).await);
    }
    let expected: BTreeSet<(EventId, UserId)> = sent.iter().flat_map(|sent| sent.notified.clone()).collect();
    let bodies: Vec<String> = sent.iter().map(|sent| sent.body.clone()).collect();
    let ((email, mails), (webhooks, orders)) = (queue(), queue());
    let worker = notify_worker(store, email, webhooks, queue().0);
    let delivered = numbers.delivered(&bodies);
    println!("{} messages, {} deliveries", bodies.len(), delivered.len());
    for bodies in delivered.chunks(10) {
        let response = notify(&worker, batch(bodies), deadline()).await;
        assert!(response.batch_item_failures.is_empty(), "{response:?}");
    }
    assert_eq!(inboxes(store, &[&ana, &tina, &ada]).await, expected);
    assert_notified_of_new_tickets(store, [(&ana, 0), (&tina, lives), (&ada, 0)]).await;

    let (mut tasks, listener) = (JoinSet::new(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let ses = format!("http://{}", listener.local_addr().unwrap());
    let outbox = Mails::serve(listener, &mut tasks);
    let api_url = "https://api.example.org".to_owned();
    let mail_worker = MailWorker::new(Some(TicketMailer::new(store.clone(), mailer(&ses), api_url, None)), queue().0);
    let asked: Vec<String> = mails.lock().unwrap().clone();
    assert!(asked.len() > expected.len(), "this queue does not drop duplicates, so mails are requested repeatedly");
    let mut mailed = Vec::new();
    for bodies in asked.chunks(10) {
        let response = send_mails(&mail_worker, batch(bodies), deadline()).await;
        assert!(response.batch_item_failures.is_empty(), "{response:?}");
        mailed.extend(outbox.take());
    }
    let of_mail = |mail: &local::mails::Mail| {
        let (_, event) = mail.headers.iter().find(|(name, _)| name == "X-Helpdesk-Event").unwrap();
        let to =
            [&ana, &tina, &ada].into_iter().find(|person| mail.to.starts_with(&person.name.as_str().to_lowercase()));
        (event.parse().unwrap(), to.unwrap().id)
    };
    let recipients: BTreeSet<(EventId, UserId)> = mailed.iter().map(of_mail).collect();
    assert_eq!((recipients, mailed.len()), (expected.clone(), expected.len()), "each mail once");

    let client = WebhookClient::new(Reach::PublicOrLoopback).unwrap();
    let deliveries = Deliveries::new(store.clone(), client, queue().0);
    let orders: Vec<String> = orders.lock().unwrap().clone();
    for order in &orders {
        let order: DeliveryRequest = serde_json::from_str(order).unwrap();
        deliveries.attempt(&order, clock::now()).await.unwrap();
    }
    let mut posted = posted.lock().unwrap().clone();
    let count = posted.len();
    posted.sort_unstable();
    posted.dedup();
    let public = sent.iter().filter(|sent| !sent.is_note).count();
    assert_eq!((posted.len(), count), (public, public), "each event once, and no note");
}

/// Stores Ana's ticket, which Tina has taken, and returns the event of Ada's comment on it.
async fn commented(store: &Store, ana: &Person, tina: &Person, ada: &Person) -> TicketEvent {
    let ticket = opened(store, 1, ana).await;
    let Ok(Outcome::Changed(taken)) = ticket.assign(tina.id, Some(tina.clone()), Actor::of(tina), clock::stamp())
    else {
        panic!("an open ticket can be taken");
    };
    store.commit(&taken, None).await.unwrap();
    let body = CommentBody::parse("Hello.".to_owned()).unwrap();
    let comment = taken.ticket.comment(body, Actor::of(ada), [clock::stamp(); 2]).unwrap();
    store.commit(&comment, None).await.unwrap();
    TicketEvent::of(&comment.entries[0])
}

#[tokio::test]
async fn a_mail_request_that_the_queue_refuses_blocks_no_other_recipient() {
    let table = Table::new().await;
    let store = &table.store;
    let (ana, tina) = (account(store, "Ana", Role::User).await, account(store, "Tina", Role::Technician).await);
    let ada = account(store, "Ada", Role::Admin).await;
    let new = NewWebhook::from_body(json!({"url": "http://127.0.0.1:1"}), Reach::PublicOrLoopback).unwrap();
    let id = domain::id::WebhookId::new(clock::now(), clock::id_bytes());
    store
        .create_webhook(&new.into_webhook(id, WebhookSecret::new([7; 32]), clock::now()), Actor::of(&ada))
        .await
        .unwrap();
    let event = commented(store, &ana, &tina, &ada).await.to_json().unwrap();
    let to_ana = format!(r#""user_id":"{}""#, ana.id);
    let ((email, mails), (webhooks, orders), (dead_letters, letters)) = (queue_that_refuses(to_ana), queue(), queue());
    let worker = notify_worker(store, email, webhooks, dead_letters);
    let response = notify(&worker, batch(std::slice::from_ref(&event)), deadline()).await;
    assert!(response.batch_item_failures.is_empty(), "{response:?}");
    assert_eq!(inboxes(store, &[&ana, &tina, &ada]).await.len(), 2, "both inboxes");
    let mails = mails.lock().unwrap();
    assert!(mails.len() == 1 && mails[0].contains(&tina.id.to_string()), "{mails:?}");
    assert_eq!((orders.lock().unwrap().len(), letters.lock().unwrap().as_slice()), (1, [event].as_slice()));
}

#[tokio::test]
async fn a_refused_mail_request_blocks_no_technician_on_a_later_page() {
    /// More than one page of technicians.
    const TECHNICIANS: usize = 101;
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let mut technicians = Vec::new();
    for place in 0..TECHNICIANS {
        technicians.push(account(store, &format!("Tina{place}"), Role::Technician).await.id);
    }
    let opened = opening(1, &ana, &json!({"priority": "urgent"}));
    store.commit(&opened, None).await.unwrap();
    let event = TicketEvent::of(&opened.entries[0]).to_json().unwrap();
    let to_the_first = format!(r#""user_id":"{}""#, technicians[0]);
    let ((email, mails), (dead_letters, letters)) = (queue_that_refuses(to_the_first), queue());
    let worker = notify_worker(store, email, queue().0, dead_letters);
    let response = notify(&worker, batch(std::slice::from_ref(&event)), deadline()).await;
    assert!(response.batch_item_failures.is_empty(), "{response:?}");
    assert_eq!(mails.lock().unwrap().len(), TECHNICIANS - 1);
    assert_eq!(letters.lock().unwrap().as_slice(), [event]);
}

#[tokio::test]
async fn a_service_account_is_notified_in_its_inbox_and_never_mailed() {
    let table = Table::new().await;
    let store = &table.store;
    let (ana, ada) = (account(store, "Ana", Role::User).await, account(store, "Ada", Role::Admin).await);
    let bot = service_account(store, "Bot", &ada).await;
    let commented = commented(store, &ana, &bot, &ada).await.to_json().unwrap();
    let urgent = opening(2, &ana, &json!({"priority": "urgent"}));
    store.commit(&urgent, None).await.unwrap();
    let urgent = TicketEvent::of(&urgent.entries[0]).to_json().unwrap();
    // As those of a version that knows no service accounts: nothing is switched off.
    assert!(store.choose(bot.id, &Preferences::default(), true).await.unwrap());
    let ((email, mails), (dead_letters, letters)) = (queue(), queue());
    let worker = notify_worker(store, email, queue().0, dead_letters);
    for event in [&commented, &urgent] {
        let response = notify(&worker, batch(std::slice::from_ref(event)), deadline()).await;
        assert!(response.batch_item_failures.is_empty(), "{response:?}");
    }
    assert_eq!(whole_inbox(store, &bot).await.len(), 2, "a comment and a new ticket");
    let mails = mails.lock().unwrap().clone();
    assert!(mails.len() == 1 && mails[0].contains(&ana.id.to_string()), "{mails:?}");
    assert_eq!(letters.lock().unwrap().len(), 0);

    // A request for a mail, from before it was known that there is no address.
    let (mut tasks, listener) = (JoinSet::new(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let ses = format!("http://{}", listener.local_addr().unwrap());
    let outbox = Mails::serve(listener, &mut tasks);
    let api_url = "https://api.example.org".to_owned();
    let mail_worker = MailWorker::new(Some(TicketMailer::new(store.clone(), mailer(&ses), api_url, None)), queue().0);
    let order = json!({"event": commented, "user_id": bot.id, "reason": "assignee"});
    let response = send_mails(&mail_worker, batch(&[order.to_string()]), deadline()).await;
    assert!(response.batch_item_failures.is_empty() && outbox.take().is_empty(), "{response:?}");
}

#[tokio::test]
async fn an_event_that_is_too_old_is_not_mailed() {
    let table = Table::new().await;
    let store = &table.store;
    let (ana, tina) = (account(store, "Ana", Role::User).await, account(store, "Tina", Role::Technician).await);
    let ada = account(store, "Ada", Role::Admin).await;
    let event = commented(store, &ana, &tina, &ada).await;
    let (mut tasks, listener) = (JoinSet::new(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let ses = format!("http://{}", listener.local_addr().unwrap());
    let outbox = Mails::serve(listener, &mut tasks);
    let api_url = "https://api.example.org".to_owned();
    let mail_worker = MailWorker::new(Some(TicketMailer::new(store.clone(), mailer(&ses), api_url, None)), queue().0);
    for (days, mails) in [(8, 0), (6, 1)] {
        let event = TicketEvent { at: clock::now().plus_seconds(-days * 24 * 3_600), ..event.clone() };
        let order = json!({"event": event.to_json().unwrap(), "user_id": ana.id, "reason": "requester"});
        let response = send_mails(&mail_worker, batch(&[order.to_string()]), deadline()).await;
        assert!(response.batch_item_failures.is_empty(), "{response:?}");
        assert_eq!(outbox.take().len(), mails, "{days} days ago");
    }
}
