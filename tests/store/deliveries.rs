//! Deliveries to webhooks with a virtual clock: the schedule, the meaning of each response, and the
//! addresses that are reached.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use desk::deliveries::{Deliveries, DeliveryRequest};
use domain::id::{EventId, WebhookId};
use domain::permission::Actor;
use domain::time::Timestamp;
use domain::user::Role;
use domain::webhook::{
    DISABLED_AFTER_SECONDS, DeliveryState, DisabledReason, NewWebhook, Reach, SCHEDULE_SECONDS, Webhook, WebhookSecret,
};
use edges::clock;
use edges::store::Store;
use edges::webhook::WebhookClient;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde_json::json;

use crate::people::account;
use crate::stubs::{Request, queue, serve};
use crate::table::Table;

/// The current response of the receiver.
type Reaction = Arc<Mutex<Option<(u16, &'static str)>>>;

fn receiver(reaction: &Reaction) -> (String, Arc<Mutex<Vec<Request>>>) {
    let received: Arc<Mutex<Vec<Request>>> = Arc::default();
    let (kept, reacts) = (Arc::clone(&received), Arc::clone(reaction));
    let url = serve(move |request| {
        kept.lock().unwrap().push(request);
        let (status, lines) = (*reacts.lock().unwrap())?;
        Some((status, format!("{lines}connection: close\r\n"), String::new()))
    });
    (url, received)
}

async fn webhook(store: &Store, url: &str, reach: Reach) -> Webhook {
    let new = NewWebhook::from_body(json!({ "url": url }), reach).unwrap();
    let webhook =
        new.into_webhook(WebhookId::new(clock::now(), clock::id_bytes()), WebhookSecret::new([7; 32]), clock::now());
    let maker = account(store, &format!("Maker{}", webhook.id), Role::Admin).await;
    store.create_webhook(&webhook, Actor::of(&maker)).await.unwrap();
    webhook
}

fn deliveries(store: &Store, client: WebhookClient) -> Deliveries {
    Deliveries::new(store.clone(), client, queue().0)
}

fn request(webhook: &Webhook) -> DeliveryRequest {
    DeliveryRequest::ping(webhook.id, EventId::new(clock::now(), clock::id_bytes()), clock::now())
}

#[tokio::test]
async fn a_failing_receiver_is_retried_exactly_as_the_schedule_says() {
    let table = Table::new().await;
    let reaction: Reaction = Arc::default();
    let (url, received) = receiver(&reaction);
    let webhook = webhook(&table.store, &url, Reach::PublicOrLoopback).await;
    let deliveries = deliveries(&table.store, WebhookClient::new(Reach::PublicOrLoopback).unwrap());
    let request = request(&webhook);
    let mut now = clock::now();
    for (made, reacts) in [None, Some((500, "")), Some((301, "location: https://example.org/\r\n")), Some((404, ""))]
        .into_iter()
        .cycle()
        .take(SCHEDULE_SECONDS.len())
        .enumerate()
    {
        *reaction.lock().unwrap() = reacts;
        let due = deliveries.attempt(&request, now).await.unwrap();
        assert_eq!(received.lock().unwrap().len(), made + 1, "one attempt when it is due, and no redirect is followed");
        let Some(due) = due else {
            assert_eq!(made + 1, SCHEDULE_SECONDS.len(), "ended too early");
            break;
        };
        let wait = due.unix_milliseconds() - now.unix_milliseconds();
        let planned = SCHEDULE_SECONDS[made + 1] * 1_000;
        assert!((planned..=planned * 11 / 10).contains(&wait), "{wait} ms after attempt {}", made + 1);
        // Just before it is due nothing happens, however often it is requested.
        let early = Timestamp::from_unix_milliseconds(due.unix_milliseconds() - 1).unwrap();
        assert_eq!(deliveries.attempt(&request, early).await.unwrap(), Some(due));
        now = due;
    }
    let delivery = table.store.delivery(webhook.id, request.event_id).await.unwrap().unwrap();
    assert_eq!((delivery.state, delivery.due_at), (DeliveryState::Failed, None));
    assert_eq!(deliveries.attempt(&request, now).await.unwrap(), None);
    assert_eq!(received.lock().unwrap().len(), SCHEDULE_SECONDS.len());
}

#[tokio::test]
async fn retry_after_is_honoured_and_410_ends_the_deliveries() {
    let table = Table::new().await;
    let reaction: Reaction = Arc::new(Mutex::new(Some((429, "retry-after: 600\r\n"))));
    let (url, received) = receiver(&reaction);
    let webhook = webhook(&table.store, &url, Reach::PublicOrLoopback).await;
    let deliveries = deliveries(&table.store, WebhookClient::new(Reach::PublicOrLoopback).unwrap());
    let (first, now) = (request(&webhook), clock::now());
    let due = deliveries.attempt(&first, now).await.unwrap().unwrap();
    assert!(due >= now.plus_seconds(600), "{due} is before the 600 s it asked for");
    *reaction.lock().unwrap() = Some((410, ""));
    assert_eq!(deliveries.attempt(&first, due).await.unwrap(), None);
    let present = table.store.webhook(webhook.id).await.unwrap().unwrap();
    assert_eq!(present.disabled, Some(DisabledReason::Gone));
    let second = request(&webhook);
    assert_eq!(deliveries.attempt(&second, due).await.unwrap(), None);
    assert_eq!(received.lock().unwrap().len(), 2, "nothing is posted to a disabled webhook");
}

#[tokio::test]
async fn after_five_days_of_failures_a_webhook_is_disabled_and_admins_notified() {
    let table = Table::new().await;
    let ada = account(&table.store, "Ada", Role::Admin).await;
    let reaction: Reaction = Arc::new(Mutex::new(Some((500, ""))));
    let (url, _received) = receiver(&reaction);
    let webhook = webhook(&table.store, &url, Reach::PublicOrLoopback).await;
    let deliveries = deliveries(&table.store, WebhookClient::new(Reach::PublicOrLoopback).unwrap());
    let now = clock::now();
    for seconds in [0, DISABLED_AFTER_SECONDS - 1, DISABLED_AFTER_SECONDS, DISABLED_AFTER_SECONDS + 1] {
        deliveries.attempt(&request(&webhook), now.plus_seconds(seconds)).await.unwrap();
    }
    let present = table.store.webhook(webhook.id).await.unwrap().unwrap();
    assert_eq!(present.disabled, Some(DisabledReason::Failing));
    assert_eq!(table.store.inbox(&ada, false, now, None, 10).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn only_one_of_many_consumers_of_a_request_makes_the_attempt() {
    let table = Table::new().await;
    let reaction: Reaction = Arc::new(Mutex::new(Some((204, ""))));
    let (url, received) = receiver(&reaction);
    let webhook = webhook(&table.store, &url, Reach::PublicOrLoopback).await;
    let deliveries = deliveries(&table.store, WebhookClient::new(Reach::PublicOrLoopback).unwrap());
    let (request, now) = (request(&webhook), clock::now());
    let attempts = (0..8).map(|_| deliveries.attempt(&request, now));
    futures_util::future::try_join_all(attempts).await.unwrap();
    assert_eq!(received.lock().unwrap().len(), 1);
}

/// A resolver that returns the addresses in turn, one for each lookup.
struct RotatingResolver {
    addresses: Vec<SocketAddr>,
    lookups: Arc<AtomicUsize>,
}

impl Resolve for RotatingResolver {
    fn resolve(&self, _name: Name) -> Resolving {
        let lookup = self.lookups.fetch_add(1, Ordering::SeqCst);
        let address = self.addresses[lookup % self.addresses.len()];
        Box::pin(async move { Ok(Box::new([address].into_iter()) as Addrs) })
    }
}

#[tokio::test]
async fn a_name_that_resolves_to_a_private_address_is_never_contacted() {
    let table = Table::new().await;
    let reaction: Reaction = Arc::new(Mutex::new(Some((204, ""))));
    let (url, received) = receiver(&reaction);
    let private: SocketAddr = url.strip_prefix("http://").unwrap().parse().unwrap();
    // 192.0.2.1 would be public by its form, but documentation addresses are refused like private
    // ones.
    for reserved in [private, "192.0.2.1:443".parse().unwrap(), "[::ffff:127.0.0.1]:443".parse().unwrap()] {
        let lookups = Arc::new(AtomicUsize::new(0));
        let resolver = Arc::new(RotatingResolver { addresses: vec![reserved], lookups: Arc::clone(&lookups) });
        let deliveries = deliveries(&table.store, WebhookClient::resolving(Reach::Public, resolver).unwrap());
        let webhook = webhook(&table.store, "https://hooks.example.org/", Reach::Public).await;
        let request = request(&webhook);
        let mut now = clock::now();
        for _ in 0..3 {
            now = deliveries.attempt(&request, now).await.unwrap().unwrap();
        }
        let delivery = table.store.delivery(webhook.id, request.event_id).await.unwrap().unwrap();
        assert_eq!(delivery.attempts.len(), 3);
        assert!(delivery.attempts.iter().all(|attempt| attempt.status.is_none()));
        let error = delivery.attempts[0].error.clone().unwrap();
        assert!(error.contains("public internet"), "{error}");
        assert_eq!(lookups.load(Ordering::SeqCst), 3, "each attempt resolves once and connects to the checked address");
    }
    assert_eq!(received.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_literal_private_address_is_never_contacted_even_if_stored_earlier() {
    let table = Table::new().await;
    let (url, received) = receiver(&Arc::new(Mutex::new(Some((204, "")))));
    let webhook = webhook(&table.store, &url, Reach::PublicOrLoopback).await;
    // As after a change of `WebhookReach`.
    let deliveries = deliveries(&table.store, WebhookClient::new(Reach::Public).unwrap());
    let request = request(&webhook);
    assert!(deliveries.attempt(&request, clock::now()).await.unwrap().is_some(), "it is retried");
    let delivery = table.store.delivery(webhook.id, request.event_id).await.unwrap().unwrap();
    assert_eq!((delivery.state, delivery.attempts[0].status), (DeliveryState::Pending, None));
    assert!(delivery.attempts[0].error.is_some());
    assert_eq!(received.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_receiver_that_hangs_times_out_and_is_retried() {
    let table = Table::new().await;
    // It accepts connections and sends nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let webhook = webhook(&table.store, &url, Reach::PublicOrLoopback).await;
    let deliveries = deliveries(&table.store, WebhookClient::new(Reach::PublicOrLoopback).unwrap());
    let (request, now) = (request(&webhook), clock::now());
    let due = deliveries.attempt(&request, now).await.unwrap().unwrap();
    assert!(due >= now.plus_seconds(SCHEDULE_SECONDS[1]), "{due}");
    let delivery = table.store.delivery(webhook.id, request.event_id).await.unwrap().unwrap();
    assert_eq!(delivery.state, DeliveryState::Pending);
    assert_eq!(delivery.attempts[0].error.as_deref(), Some("no response within 15 s"));
}
