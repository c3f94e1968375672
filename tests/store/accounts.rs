use domain::permission::Actor;
use domain::user::{EmailAddress, Role, User};
use edges::clock;
use edges::store::{Author, ChangeUserError, UserChange};
use futures_util::future::join_all;

use crate::people::{account, user};
use crate::table::Table;

#[tokio::test]
async fn concurrent_registrations_of_one_address_create_one_account() {
    let table = Table::new().await;
    let users: Vec<_> = (0..8).map(|_| user("Ana", Role::User)).collect();
    let results = join_all(users.iter().map(|user| table.store.register(user, "hash".to_owned()))).await;
    let mut winners = 0;
    for (user, result) in users.iter().zip(results) {
        let stored = table.store.user(user.id).await.unwrap();
        match result {
            Ok(()) => {
                winners += 1;
                assert_eq!(stored.as_ref(), Some(user));
                let login = table.store.account_by_email("ana@example.org").await.unwrap().unwrap();
                assert_eq!(login.user.id, user.id);
            }
            Err(ChangeUserError::EmailTaken) => assert_eq!(stored, None),
            Err(error) => panic!("a registration needs no permission: {error}"),
        }
    }
    assert_eq!(winners, 1);
}

#[tokio::test]
async fn a_refused_change_of_an_account_says_first_that_the_caller_is_no_admin() {
    let table = Table::new().await;
    let store = &table.store;
    let (ada, ana) = (account(store, "Ada", Role::Admin).await, account(store, "Ana", Role::User).await.id);
    account(store, "Bea", Role::User).await;
    let taken = |user: &User| User { email: EmailAddress::parse("bea@example.org").ok(), ..user.clone() };
    let by_ada = |change| UserChange { author: Author::Admin(Actor::of(&ada)), change, event: None };
    let refused = store.change_user(ana, by_ada(&taken)).await;
    assert!(matches!(refused, Err(ChangeUserError::EmailTaken)), "{refused:?}");

    let demoted = |user: &User| user.with_role(Role::User, clock::now());
    store.change_user(ada.id, by_ada(&demoted)).await.unwrap().unwrap();
    let refused = store.change_user(ana, by_ada(&taken)).await;
    assert!(matches!(refused, Err(ChangeUserError::NotAnAdmin)), "{refused:?}");
    let same = |user: &User| user.clone();
    let refused = store.change_user(ana, by_ada(&same)).await;
    assert!(matches!(refused, Err(ChangeUserError::NotAnAdmin)), "even if there is nothing to write: {refused:?}");
    assert_eq!(store.user(ana).await.unwrap().unwrap().stored_email(), "ana@example.org");
}
