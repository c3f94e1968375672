//! Writes that conflict with a transaction: `DynamoDB` refuses them, and the SDK does not retry
//! them by itself.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use domain::id::{EventId, SessionId, TokenId, UserId, WebhookId};
use domain::permission::Actor;
use domain::token::NewToken;
use domain::user::{Person, Role};
use domain::webhook::{NewWebhook, Reach, WebhookSecret};
use edges::auth::ApiTokenSecret;
use edges::auth::refresh::RefreshToken;
use edges::clock;
use edges::store::{Session, Store, TokenMaker};
use serde_json::{Value, json};

use crate::inbox::notification;
use crate::people::user;
use crate::stubs::serve;

/// The number of consecutive requests that conflict with a transaction.
const CONFLICTS: usize = 2;

/// Returns a store whose table refuses each write twice, with these members beside the error's
/// type, and the requests that it got.
fn busy(error: &'static str, members: Value) -> (Store, Arc<Mutex<Vec<Value>>>) {
    let asked: Arc<Mutex<Vec<Value>>> = Arc::default();
    let kept = Arc::clone(&asked);
    let endpoint = serve(move |request| {
        let mut asked = kept.lock().unwrap();
        asked.push(serde_json::from_str(&request.body).unwrap());
        let media_type = "content-type: application/x-amz-json-1.0\r\n".to_owned();
        if asked.len().is_multiple_of(CONFLICTS + 1) {
            return Some((200, media_type, "{}".to_owned()));
        }
        let mut refusal = json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{error}"), "message": "Busy."});
        refusal.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        Some((400, media_type, refusal.to_string()))
    });
    (store_at(endpoint), asked)
}

fn store_at(endpoint: String) -> Store {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(local::REGION))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(endpoint)
        .retry_config(RetryConfig::standard().with_initial_backoff(std::time::Duration::from_millis(1)))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Store::new(&Client::from_conf(config), "table".to_owned())
}

/// Returns a store whose table cancels this many transactions because of others, and the requests
/// that it got. Each read finds the version of a credential, and nothing else.
fn contended(person: &Person, times: usize) -> (Store, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&asked);
    let credential = json!({
        "pk": {"S": format!("USER#{}", person.id)}, "sk": {"S": "CREDENTIAL"}, "version": {"N": "1"},
    });
    let found = json!({"Responses": {"table": [credential]}, "Items": [], "Count": 0, "ScannedCount": 0}).to_string();
    let refusal = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", "message": "Busy.",
        "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}],
    });
    let cancelled = AtomicUsize::new(0);
    let store = store_at(serve(move |request| {
        let operation = request.header("x-amz-target").trim().replace("dynamodb_20120810.", "");
        let is_cancelled = operation == "transactwriteitems" && cancelled.fetch_add(1, Ordering::Relaxed) < times;
        kept.lock().unwrap().push(operation);
        let (status, body) = if is_cancelled { (400, refusal.to_string()) } else { (200, found.clone()) };
        Some((status, "content-type: application/x-amz-json-1.0\r\n".to_owned(), body))
    }));
    (store, asked)
}

fn tina() -> Person {
    user("Tina", Role::Technician).person()
}

#[tokio::test]
async fn a_plain_write_that_conflicts_with_a_transaction_is_retried() {
    let (store, asked) = busy("TransactionConflictException", json!({}));
    let (user, now) = (UserId::from_bytes([7; 16]), clock::now());
    let token = RefreshToken::begin(user, SessionId::from_bytes([8; 16]));
    // An update, a delete and a put.
    store.mark_all_read(user, now).await.unwrap();
    store.end_session(&token).await.unwrap();
    store.notify_now(user, &notification(&tina(), now)).await.unwrap();
    assert_eq!(asked.lock().unwrap().len(), 3 * (CONFLICTS + 1));
}

#[tokio::test]
async fn a_sign_in_whose_transaction_conflicts_with_another_is_retried() {
    let reasons = json!({"CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}]});
    let (store, asked) = busy("TransactionCanceledException", reasons);
    let (tina, now) = (tina(), clock::now());
    let token = RefreshToken::begin(tina.id, SessionId::from_bytes([8; 16]));
    store.begin_session(&Session::begin(&token, 1, now), tina).await.unwrap();
    assert_eq!(asked.lock().unwrap().len(), CONFLICTS + 1);
}

#[tokio::test]
async fn each_retry_of_a_new_ticket_notification_gets_a_current_id() {
    let reasons = json!({"CancellationReasons": [{"Code": "TransactionConflict"}, {"Code": "None"}]});
    for (error, members) in [("TransactionCanceledException", reasons), ("InternalServerError", json!({}))] {
        let (store, asked) = busy(error, members);
        let (tina, begun, seconds) = (tina(), clock::now(), AtomicI64::new(0));
        let clock = || begun.plus_seconds(seconds.fetch_add(1, Ordering::Relaxed));
        let event = EventId::new(begun, clock::id_bytes());
        let last = store.notify_technicians(event, &notification(&tina, begun), &[tina.id], clock).await.unwrap();
        let id = |asked: &Value| asked["TransactItems"][1]["Put"]["Item"]["id"]["S"].as_str().unwrap().to_owned();
        let ids: Vec<EventId> = asked.lock().unwrap().iter().map(|asked| id(asked).parse().unwrap()).collect();
        let times: Vec<_> = ids.iter().map(EventId::at).collect();
        assert_eq!(times, [0, 1, 2].map(|seconds| begun.plus_seconds(seconds)), "{error}");
        assert_eq!(last.as_ref(), ids.last());
    }
}

/// One more than the number of tries of a transaction.
const CONFLICTS_OF_CREATION: usize = 7;

#[tokio::test]
async fn tokens_and_webhooks_are_counted_again_while_others_are_being_created() {
    let (tina, now) = (tina(), clock::now());
    let (user, id) = (tina.id, TokenId::new(now, clock::id_bytes()));
    let new = NewToken::from_body(json!({"name": "Nightly", "scopes": ["work"]}), now).unwrap();
    let owner = TokenMaker { person: &tina, session_id: SessionId::from_bytes([8; 16]), service: None };
    let (store, asked) = contended(&tina, CONFLICTS_OF_CREATION);
    store.create_token(&new.into_token(id, user, now), &ApiTokenSecret::new(user, id), owner, now).await.unwrap();
    let times = |asked: &Mutex<Vec<String>>, operation: &str| {
        asked.lock().unwrap().iter().filter(|asked| *asked == operation).count()
    };
    assert_eq!(times(&asked, "transactwriteitems"), CONFLICTS_OF_CREATION + 1);
    assert_eq!(times(&asked, "query"), 2, "they are counted again");

    let (store, asked) = contended(&tina, CONFLICTS_OF_CREATION);
    let new = NewWebhook::from_body(json!({"url": "https://example.org/hook"}), Reach::Public).unwrap();
    let id = WebhookId::new(now, clock::id_bytes());
    store.create_webhook(&new.into_webhook(id, WebhookSecret::new([7; 32]), now), Actor::of(&tina)).await.unwrap();
    assert_eq!(times(&asked, "transactwriteitems"), CONFLICTS_OF_CREATION + 1);
    assert_eq!(times(&asked, "query"), 2, "they are counted again");
}
