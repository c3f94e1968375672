use aws_sdk_dynamodb::types::AttributeValue;
use domain::permission::Actor;
use domain::user::{EmailAddress, Role, User};
use edges::clock;
use edges::store::{Author, ChangeUserError, UserChange};
use futures_util::future::join_all;

use crate::people::{account, service_account, user};
use crate::table::{Item, Table};

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

#[tokio::test]
async fn accounts_without_an_address_are_listed_and_no_one_signs_in_to_them() {
    let table = Table::new().await;
    let store = &table.store;
    let ada = account(store, "Ada", Role::Admin).await;
    let tina = account(store, "Tina", Role::Technician).await;
    let bots = [service_account(store, "Bot", &ada).await, service_account(store, "Bob", &ada).await];
    for limit in [1, 2, 10] {
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let page = store.list_users(&Role::ALL, after.as_deref(), limit).await.unwrap();
            listed.extend(page.items);
            after = match page.next {
                Some(next) => Some(next),
                None => break,
            };
        }
        let services = listed.iter().filter(|user| user.is_service()).map(User::person).collect::<Vec<_>>();
        assert_eq!((listed.len(), services), (4, bots.to_vec()), "in pages of {limit}");
    }
    assert!(store.user_by_email("").await.unwrap().is_none() && store.account_by_email("").await.unwrap().is_none());

    // A version that knows no service accounts gave one an address.
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let address = [("pk", "EMAIL#bot@example.org"), ("sk", "EMAIL"), ("user_id", &bots[0].id.to_string())];
    let address: Item = address.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect();
    table.put_all([address].into_iter()).await;
    assert!(store.account_by_email("bot@example.org").await.unwrap().is_none(), "it has no password");
    let tinas = store.account_by_email("tina@example.org").await.unwrap().unwrap();
    assert_eq!(tinas.user.person(), tina);
}
