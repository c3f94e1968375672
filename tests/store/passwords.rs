//! Who may set a new password, and which sessions continue after it.

use domain::event::{AccountEvent, AccountEventKind, PasswordChanged};
use domain::id::{EventId, SessionId};
use domain::time::Timestamp;
use domain::user::{Person, Role};
use edges::auth::refresh::RefreshToken;
use edges::clock;
use edges::store::{NewPassword, Proof, Session, SetPasswordResult, Store};

use crate::people::account;
use crate::table::Table;

/// Begins a session of the user with this version of the credential.
async fn begin(store: &Store, user: &Person, credential_version: u64, expires_at: Timestamp) -> RefreshToken {
    let token = RefreshToken::begin(user.id, SessionId::from_bytes(clock::random()));
    let session = Session::begin(&token, credential_version, clock::now());
    let session = Session { expires_at: expires_at.unix_seconds(), ..session };
    store.begin_session(&session, user.clone()).await.unwrap();
    token
}

/// Changes the password of the person of a session.
pub(crate) async fn change_password(store: &Store, session: &RefreshToken) -> SetPasswordResult {
    let account = store.account(session.user_id).await.unwrap().unwrap();
    let (now, kept) = (clock::now(), session.session_id);
    let changed = PasswordChanged { user_id: session.user_id, kept_session_id: Some(kept) };
    let kind = AccountEventKind::PasswordChanged(changed);
    let new = NewPassword {
        account: &account,
        new_hash: "new",
        event: &AccountEvent { id: EventId::new(now, clock::id_bytes()), at: now, kind },
        proof: Proof::CurrentPassword { session: kept },
        forgotten: &[],
        known_from: None,
    };
    store.set_password(&new, now).await.unwrap()
}

#[tokio::test]
async fn a_password_change_with_an_ended_session_is_refused() {
    let table = Table::new().await;
    let store = &table.store;
    let ana = &account(store, "Ana", Role::User).await;
    let later = clock::now().plus_seconds(3_600);
    let (kept, ended) = (begin(store, ana, 1, later).await, begin(store, ana, 1, later).await);
    let expired = begin(store, ana, 1, clock::now().plus_seconds(-1)).await;
    store.end_session(&ended).await.unwrap();
    for over in [&ended, &expired] {
        assert_eq!(change_password(store, over).await, SetPasswordResult::SessionOver);
    }
    assert_eq!(store.account(ana.id).await.unwrap().unwrap().credential_version, 1, "nothing was done");
    assert_eq!(change_password(store, &kept).await, SetPasswordResult::Done);
    let of_the_old_password = begin(store, ana, 1, later).await;
    assert_eq!(change_password(store, &of_the_old_password).await, SetPasswordResult::SessionOver);
    assert_eq!(change_password(store, &kept).await, SetPasswordResult::Done, "the session continues");
}
