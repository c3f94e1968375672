//! Changes of an address: what races with their verification.

use domain::permission::Actor;
use domain::text::PersonName;
use domain::user::{EmailAddress, Person, Role, User, UserPatch};
use edges::auth::EmailToken;
use edges::clock;
use edges::store::{Author, Store, UserChange};
use futures_util::future::join_all;
use serde_json::json;

use crate::people::account;
use crate::table::Table;

/// Asks for another address of Ana, and returns a token that verifies it.
async fn ask(store: &Store, admin: &Person, ana: &Person, email: &str) -> EmailToken {
    let patch = UserPatch::from_body(json!({"email": email})).unwrap();
    let patched = |user: &User| user.patched(&patch, clock::now());
    let change = UserChange { author: Author::Admin(Actor::of(admin)), change: &patched, event: None };
    let changed = store.change_user(ana.id, change).await.unwrap().unwrap();
    let token = EmailToken::new(ana.id);
    store.begin_verification(&token, &changed.user, clock::now().plus_seconds(60)).await.unwrap();
    token
}

#[tokio::test]
async fn a_verification_holds_beside_other_changes_of_the_account() {
    let table = Table::new().await;
    let store = &table.store;
    let (ada, ana) = (account(store, "Ada", Role::Admin).await, account(store, "Ana", Role::User).await);
    for round in 0..8 {
        let email = format!("ana-{round}@example.org");
        let token = ask(store, &ada, &ana, &email).await;
        let name = PersonName::parse(format!("Ana {round}")).unwrap();
        let renamed = |user: &User| User { name: name.clone(), ..user.clone() };
        let change = UserChange { author: Author::Owner(&ana), change: &renamed, event: None };
        let (verified, changed) =
            tokio::join!(store.verify_email(&token, clock::now()), store.change_user(ana.id, change));
        assert!(verified.unwrap() && changed.unwrap().unwrap().changed, "round {round}");
        let user = store.user(ana.id).await.unwrap().unwrap();
        assert_eq!((&user.name, user.stored_email(), &user.pending_email), (&name, email.as_str(), &None));
    }
}

#[tokio::test]
async fn of_16_concurrent_uses_of_two_links_one_verifies_the_address() {
    let table = Table::new().await;
    let store = &table.store;
    let (ada, ana) = (account(store, "Ada", Role::Admin).await, account(store, "Ana", Role::User).await);
    let tokens = [ask(store, &ada, &ana, "ana@example.net").await, ask(store, &ada, &ana, "ana@example.net").await];
    let uses = (0..16).map(|place| store.verify_email(&tokens[place % 2], clock::now()));
    let verified: Vec<bool> = join_all(uses).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(verified.iter().filter(|verified| **verified).count(), 1, "{verified:?}");
    let found = store.user_by_email("ana@example.net").await.unwrap();
    assert_eq!(found.map(|user| user.id), Some(ana.id));
    assert!(store.user_by_email("ana@example.org").await.unwrap().is_none());
}

#[tokio::test]
async fn a_change_of_an_address_is_either_verified_or_ended() {
    let table = Table::new().await;
    let store = &table.store;
    let (ada, ana) = (account(store, "Ada", Role::Admin).await, account(store, "Ana", Role::User).await);
    let present = |user: &User| EmailAddress::parse(user.stored_email()).unwrap();
    for round in 0..8 {
        let token = ask(store, &ada, &ana, &format!("ana-{round}@example.org")).await;
        let before = present(&store.user(ana.id).await.unwrap().unwrap());
        let ended = |user: &User| user.deactivated(clock::now());
        let change = UserChange { author: Author::Admin(Actor::of(&ada)), change: &ended, event: None };
        let (verified, changed) =
            tokio::join!(store.verify_email(&token, clock::now()), store.change_user(ana.id, change));
        let user = store.user(ana.id).await.unwrap().unwrap();
        assert!(changed.unwrap().unwrap().changed && !user.active && user.pending_email.is_none());
        assert_eq!(present(&user) != before, verified.unwrap(), "round {round}");
        assert!(!store.verify_email(&token, clock::now()).await.unwrap());
        let active = |user: &User| User { active: true, ..user.clone() };
        let change = UserChange { author: Author::Admin(Actor::of(&ada)), change: &active, event: None };
        store.change_user(ana.id, change).await.unwrap();
    }
}
