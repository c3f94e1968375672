//! The account audit: what is in it, and how its pages follow each other.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::audit::AuditRecord;
use domain::id::{EventId, SessionId, WebhookId};
use domain::permission::Actor;
use domain::time::Timestamp;
use domain::user::{EmailAddress, Person, Role, User};
use domain::webhook::{NewWebhook, Reach, Webhook, WebhookPatch, WebhookSecret};
use edges::auth::refresh::RefreshToken;
use edges::clock;
use edges::store::{Author, Page, Session, SetPasswordResult, Store, StoreError, UserChange, WebhookAuthor};
use serde_json::{Value, json};

use crate::passwords::change_password;
use crate::people::{account, user};
use crate::table::{Item, Table};

/// Returns all entries, newest first, in pages of this size, and the number of pages.
async fn audit(store: &Store, limit: usize, now: Timestamp) -> (Vec<AuditRecord>, usize) {
    let (mut all, mut pages, mut after) = (Vec::new(), 0, None);
    loop {
        let Page { items, next, .. } = store.audit(after.as_deref(), limit, now).await.unwrap();
        assert!(items.len() <= limit);
        all.extend(items);
        pages += 1;
        assert!(pages < 100, "a list ends");
        after = match next {
            Some(next) => Some(next),
            None => return (all, pages),
        };
    }
}

/// Returns the names of the actions in the audit, oldest first.
async fn actions(store: &Store) -> Vec<String> {
    let mut all = audit(store, 100, clock::now()).await.0;
    // The entries of one millisecond have no order.
    all.sort_by_key(|record| (record.at, record.action.clone()));
    all.into_iter().map(|record| record.action).collect()
}

async fn signed_in(store: &Store, person: &Person, at: Timestamp) -> RefreshToken {
    let token = RefreshToken::begin(person.id, SessionId::new(at, clock::id_bytes()));
    let session = Session::begin(&token, 1, at);
    store.begin_session(&session, person.clone()).await.unwrap();
    token
}

fn new_webhook() -> Webhook {
    let new = NewWebhook::from_body(json!({"url": "https://example.org/hook?key=7"}), Reach::Public).unwrap();
    let (now, id) = (clock::now(), clock::id_bytes());
    new.into_webhook(WebhookId::new(now, id), WebhookSecret::new([7; 32]), now)
}

#[tokio::test]
async fn a_change_of_an_account_is_in_the_audit_and_a_refused_one_is_not() {
    let table = Table::new().await;
    let store = &table.store;
    let (ada, ana) = (account(store, "Ada", Role::Admin).await, account(store, "Ana", Role::User).await);
    account(store, "Bea", Role::User).await;
    store.register(&user("Ana", Role::User), "hash".to_owned()).await.unwrap_err();
    let mut expected = vec!["admin_created", "registered", "registered"];
    assert_eq!(actions(store).await, expected);

    let change = |change| UserChange { author: Author::Admin(Actor::of(&ada)), change, event: None };
    let taken = |user: &User| User { email: EmailAddress::parse("bea@example.org").ok(), ..user.clone() };
    store.change_user(ana.id, change(&taken)).await.unwrap_err();
    store.change_user(ana.id, change(&User::clone)).await.unwrap().unwrap();
    assert_eq!(actions(store).await, expected, "refused, and nothing to change");
    let later = clock::now();
    let moved = |user: &User| {
        let email = EmailAddress::parse("ana@example.net").ok();
        User { email, role: Role::Technician, active: false, updated_at: later, ..user.clone() }
    };
    store.change_user(ana.id, change(&moved)).await.unwrap().unwrap();
    expected.extend(["deactivated", "profile_changed", "role_changed"]);
    assert_eq!(actions(store).await, expected);

    let own = store.audit_of_user(ana.id, None, 3).await.unwrap();
    for record in &own.items {
        assert_eq!((&record.actor, record.at), (&ada, later));
        assert_eq!(Value::Object(record.subject.clone()), json!({"kind": "account", "id": ana.id, "name": "Ana"}));
    }
    let data: BTreeSet<String> = own.items.iter().map(|record| json!(record.data).to_string()).collect();
    assert_eq!(
        data.into_iter().collect::<Vec<_>>(),
        [r#"{"fields":["email"]}"#, r#"{"from":"user","to":"technician"}"#, "{}"]
    );
    let rest = store.audit_of_user(ana.id, own.next.as_deref(), 3).await.unwrap();
    assert_eq!(rest.items.iter().map(|record| record.action.as_str()).collect::<Vec<_>>(), ["registered"]);
    assert_eq!((rest.next, &rest.items[0].actor), (None, &ana));
}

#[tokio::test]
async fn sign_ins_sessions_and_passwords_are_in_the_audit_and_refused_ones_are_not() {
    let table = Table::new().await;
    let store = &table.store;
    let (ana, otto) = (account(store, "Ana", Role::User).await, account(store, "Otto", Role::User).await);
    let mut expected = vec!["registered", "registered"];
    let (kept, other) = (signed_in(store, &ana, clock::now()).await, signed_in(store, &ana, clock::now()).await);
    expected.extend(["signed_in", "signed_in"]);
    assert_eq!(change_password(store, &kept).await, SetPasswordResult::Done);
    expected.push("password_changed");
    assert_eq!(actions(store).await, expected);
    assert_eq!(change_password(store, &other).await, SetPasswordResult::SessionOver);
    assert_eq!(actions(store).await, expected, "the session is of the former password");
    let stranger = RefreshToken::begin(ana.id, kept.session_id);
    store.end_reused_session(&stranger, &ana, clock::now()).await.unwrap();
    assert!(!store.end_session_of(&otto, kept.session_id, clock::now()).await.unwrap());
    assert_eq!(actions(store).await, expected, "a token of another family, and another person's session");

    store.end_reused_session(&other, &ana, clock::now()).await.unwrap();
    store.end_reused_session(&other, &ana, clock::now()).await.unwrap();
    assert!(store.end_session_of(&ana, kept.session_id, clock::now()).await.unwrap());
    assert!(!store.end_session_of(&ana, kept.session_id, clock::now()).await.unwrap());
    store.end_session(&kept).await.unwrap();
    expected.extend(["refresh_token_reused", "session_ended"]);
    assert_eq!(actions(store).await, expected, "each once");
    let newest = store.audit_of_user(ana.id, None, 2).await.unwrap().items;
    assert_eq!(newest[0].data["session_id"], json!(kept.session_id));
    assert_eq!((newest[1].actor.role, &newest[1].data["session_id"]), (Role::System, &json!(other.session_id)));
}

#[tokio::test]
async fn a_change_of_a_webhook_by_an_admin_is_in_the_audit_and_a_refused_one_is_not() {
    let table = Table::new().await;
    let store = &table.store;
    let (ada, ana) = (account(store, "Ada", Role::Admin).await, account(store, "Ana", Role::User).await);
    let webhook = new_webhook();
    let id = webhook.id;
    store.create_webhook(&webhook, Actor::of(&ana)).await.unwrap_err();
    store.create_webhook(&webhook, Actor::of(&ada)).await.unwrap();
    let patch = WebhookPatch::from_body(json!({"description": "For the board"}), Reach::Public).unwrap();
    let described = |old: &Webhook| old.patched(&patch, clock::now());
    store.change_webhook(id, WebhookAuthor::Admin(Actor::of(&ana)), described).await.unwrap_err();
    store.change_webhook(id, WebhookAuthor::Admin(Actor::of(&ada)), described).await.unwrap();
    store.change_webhook(id, WebhookAuthor::Admin(Actor::of(&ada)), described).await.unwrap();
    let failed = |old: &Webhook| Webhook { failing_since: Some(clock::now()), version: old.version + 1, ..old.clone() };
    store.change_webhook(id, WebhookAuthor::HelpDesk, failed).await.unwrap();
    let rotated = |old: &Webhook| old.with_secret(WebhookSecret::new([8; 32]), clock::now());
    store.change_webhook(id, WebhookAuthor::Admin(Actor::of(&ada)), rotated).await.unwrap();
    store.remove_webhook(id, Actor::of(&ana), clock::now()).await.unwrap_err();
    store.remove_webhook(id, Actor::of(&ada), clock::now()).await.unwrap();
    store.remove_webhook(id, Actor::of(&ada), clock::now()).await.unwrap_err();
    let of_webhooks: Vec<AuditRecord> = audit(store, 100, clock::now()).await.0;
    let of_webhooks: Vec<&AuditRecord> =
        of_webhooks.iter().filter(|record| record.subject["kind"] == "webhook").collect();
    let names: Vec<&str> = of_webhooks.iter().map(|record| record.action.as_str()).collect();
    assert_eq!(names, ["webhook_deleted", "webhook_secret_rotated", "webhook_updated", "webhook_created"]);
    for record in of_webhooks {
        assert_eq!(record.actor, ada);
        assert_eq!(Value::Object(record.subject.clone()), json!({"kind": "webhook", "id": id}));
    }
    let entries = table.items_of(&format!("WEBHOOK#{id}")).await;
    assert_eq!(entries.len(), 4, "they stay when the webhook is gone");
    assert!(!format!("{entries:?}").contains("example.org"), "an entry holds no URL: {entries:?}");
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn the_audit_lists_everything_once_newest_first_across_months_while_entries_are_added() {
    let table = Table::new().await;
    let store = &table.store;
    let people = ["Ana", "Otto"].map(|name| user(name, Role::User).person());
    let ada = account(store, "Ada", Role::Admin).await;
    let mut webhook = new_webhook();
    // December is empty, and a webhook is created in the new year.
    let times = ["2026-11-01T00:00:00Z", "2026-11-30T23:59:59.999Z", "2027-01-01T00:00:00Z", "2027-02-28T12:00:00Z"];
    for at in times {
        for person in &people {
            signed_in(store, person, time(at)).await;
        }
    }
    webhook.created_at = time("2027-01-01T00:00:00.001Z");
    store.create_webhook(&webhook, Actor::of(&ada)).await.unwrap();
    let now = time("2027-02-28T13:00:00Z");
    let before = audit(store, 100, now).await.0;
    assert_eq!(before.len(), 2 * times.len() + 2);
    assert!(before.is_sorted_by(|newer, older| newer.id > older.id));
    for limit in [1, 2, 3, 7, 10] {
        let (mut listed, mut after, mut minutes) = (Vec::new(), None, 0);
        loop {
            let page = store.audit(after.as_deref(), limit, now).await.unwrap();
            listed.extend(page.items);
            minutes += 1;
            assert!(minutes < 100, "a list ends");
            signed_in(store, &people[0], now.plus_seconds(minutes * 60)).await;
            after = match page.next {
                Some(next) => Some(next),
                None => break,
            };
        }
        // What was there at the first request, in pages of any size.
        assert_eq!(listed.iter().rev().take(before.len()).rev().collect::<Vec<_>>(), before.iter().collect::<Vec<_>>());
        let ids: BTreeSet<EventId> = listed.iter().map(|record| record.id).collect();
        assert_eq!(ids.len(), listed.len(), "in pages of {limit}");
    }
}

#[tokio::test]
async fn the_audit_ends_at_the_month_in_which_it_began_and_a_page_looks_into_few_months() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = user("Ana", Role::User).person();
    signed_in(store, &ana, time("2026-10-31T23:59:59Z")).await;
    signed_in(store, &ana, time("2026-11-01T00:00:00Z")).await;
    let now = time("2029-06-01T00:00:00Z");
    let first = store.audit(None, 25, now).await.unwrap();
    assert_eq!((first.items.len(), first.next.as_deref()), (0, Some("2028-06")), "twelve months are empty");
    let (listed, pages) = audit(store, 25, now).await;
    assert_eq!((listed.len(), pages), (1, 3));
    assert_eq!(audit(store, 25, time("2026-10-31T00:00:00Z")).await.0, [], "there is no month to look into");
    for position in ["", "2026-13", "x", &format!("USER#{}", ana.id)] {
        let refused = store.audit(Some(position), 25, now).await;
        assert!(matches!(refused, Err(StoreError::InvalidPosition)), "{position}: {refused:?}");
    }
}

#[tokio::test]
async fn an_entry_of_a_newer_version_is_listed() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = account(store, "Ana", Role::User).await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let mut entry: Item = table.items(&format!("USER#{}", ana.id)).await.into_iter().find(is_entry).unwrap();
    entry.insert("type".to_owned(), text("moved"));
    entry.insert("data".to_owned(), AttributeValue::M([("to".to_owned(), text("Berlin"))].into()));
    table.put_all([entry].into_iter()).await;
    let listed = store.audit_of_user(ana.id, None, 25).await.unwrap().items;
    assert_eq!((listed[0].action.as_str(), &listed[0].data["to"]), ("moved", &json!("Berlin")));
    assert_eq!(audit(store, 25, clock::now()).await.0, listed);
}

fn is_entry(item: &Item) -> bool {
    item["sk"].as_s().unwrap().starts_with("AUDIT#")
}
