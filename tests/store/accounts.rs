use domain::id::{SessionId, UserId};
use domain::user::{EmailAddress, Role, User};
use edges::auth::refresh::{RefreshToken, SESSION_SECONDS};
use edges::clock;
use edges::store::{Author, ChangeUserError, RotationResult, Session, UserChange};
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
            Err(ChangeUserError::NotAnAdmin | ChangeUserError::Inactive) => {
                panic!("a registration needs no permission")
            }
            Err(ChangeUserError::Store(error)) => panic!("{error}"),
        }
    }
    assert_eq!(winners, 1);
}

#[tokio::test]
async fn a_refused_change_of_an_account_says_first_that_the_caller_is_no_admin() {
    let table = Table::new().await;
    let store = &table.store;
    let (ada, ana) = (account(store, "Ada", Role::Admin).await.id, account(store, "Ana", Role::User).await.id);
    account(store, "Bea", Role::User).await;
    let taken = |user: &User| User { email: EmailAddress::parse("bea@example.org").unwrap(), ..user.clone() };
    let by_ada = |change| UserChange { author: Author::Admin(ada), change, event: None };
    let refused = store.change_user(ana, by_ada(&taken)).await;
    assert!(matches!(refused, Err(ChangeUserError::EmailTaken)), "{refused:?}");

    let demoted = |user: &User| user.with_role(Role::User, clock::now());
    store.change_user(ada, by_ada(&demoted)).await.unwrap().unwrap();
    let refused = store.change_user(ana, by_ada(&taken)).await;
    assert!(matches!(refused, Err(ChangeUserError::NotAnAdmin)), "{refused:?}");
    let same = |user: &User| user.clone();
    let refused = store.change_user(ana, by_ada(&same)).await;
    assert!(matches!(refused, Err(ChangeUserError::NotAnAdmin)), "even if there is nothing to write: {refused:?}");
    assert_eq!(store.user(ana).await.unwrap().unwrap().email.as_str(), "ana@example.org");
}

#[tokio::test]
async fn only_one_of_many_uses_of_a_refresh_token_succeeds() {
    let table = Table::new().await;
    let now = clock::now();
    let session_id = SessionId::new(now, clock::id_bytes());
    let token = RefreshToken::begin(UserId::new(now, clock::id_bytes()), session_id);
    let session = Session {
        id: session_id,
        user_id: token.user_id,
        family_hash: token.family_hash(),
        token_hash: token.token_hash(),
        credential_version: 1,
        created_at: now,
        used_at: now,
        expires_at: now.plus_seconds(SESSION_SECONDS).unix_seconds(),
    };
    table.store.begin_session(&session).await.unwrap();
    let over = now.plus_seconds(SESSION_SECONDS + 1);
    let late = table.store.rotate(&token, &token.next(), 1, over).await.unwrap();
    assert!(!matches!(late, RotationResult::Rotated), "the session is over, even if its item still exists");

    let next = token.next();
    assert!(matches!(table.store.rotate(&token, &next, 1, now).await.unwrap(), RotationResult::Rotated));
    let again = table.store.rotate(&token, &next, 1, now).await.unwrap();
    assert!(
        matches!(again, RotationResult::Rotated),
        "a rotation that is repeated after its response was lost succeeds again"
    );
    let token = next;
    let old = table.store.rotate(&token, &token.next(), 2, now).await.unwrap();
    assert!(matches!(old, RotationResult::Refused), "the password has changed");

    let nexts: Vec<_> = (0..16).map(|_| token.next()).collect();
    let uses = join_all(nexts.iter().map(|next| table.store.rotate(&token, next, 1, now))).await;
    let outcomes: Vec<RotationResult> = uses.into_iter().map(Result::unwrap).collect();
    let rotated = outcomes.iter().filter(|outcome| matches!(outcome, RotationResult::Rotated)).count();
    let reused = outcomes.iter().filter(|outcome| matches!(outcome, RotationResult::Reused)).count();
    assert_eq!((rotated, reused), (1, 15));
}
