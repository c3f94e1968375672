//! Invitations: of all who race for one, exactly one succeeds.

use domain::event::{AccountEvent, AccountEventKind, AccountId, PasswordChanged};
use domain::id::{EventId, UserId};
use domain::permission::Actor;
use domain::user::{Person, Role, User};
use edges::auth::reset::ResetToken;
use edges::clock;
use edges::store::{
    Account, Author, ChangeUserError, Inviter, NewPassword, SetPasswordResult, Store, TokenDelivery, UserChange,
};
use futures_util::future::join_all;

use crate::people::{account, address, user};
use crate::table::Table;

/// Returns an invited account that is not stored yet.
fn invited(name: &str) -> Account {
    let User { id, name, email, role, created_at, .. } = user(name, Role::User);
    Account::new(User::invited(id, name, email.unwrap(), role, created_at), "hash".to_owned())
}

fn event(kind: AccountEventKind) -> AccountEvent {
    AccountEvent { id: EventId::new(clock::now(), clock::id_bytes()), at: clock::now(), kind }
}

/// Invites Noah, and returns a token for him.
async fn invite_noah(store: &Store, admin: &Person) -> (UserId, ResetToken) {
    let noah = invited("Noah");
    let (id, token) = (noah.user.id, ResetToken::new(noah.user.id));
    let by_hand = TokenDelivery::ByHand { token: &token, expires_at: clock::now().plus_seconds(60) };
    store.invite(&noah, None, Inviter::Admin(Actor::of(admin)), by_hand).await.unwrap();
    (id, token)
}

async fn accept(store: &Store, token: &ResetToken, new_hash: &str) -> SetPasswordResult {
    let Some(pending) = store.pending_reset(token, clock::now()).await.unwrap() else {
        return SetPasswordResult::Changed;
    };
    let changed = PasswordChanged { user_id: token.user_id, kept_session_id: None };
    let new = NewPassword {
        account: &pending.account,
        new_hash,
        event: &event(AccountEventKind::PasswordChanged(changed)),
        proof: pending.proof(token),
        forgotten: &[],
        known_from: None,
    };
    store.set_password(&new, clock::now()).await.unwrap()
}

#[tokio::test]
async fn of_64_concurrent_uses_of_an_invitation_one_accepts_it() {
    let table = Table::new().await;
    let store = &table.store;
    let ada = account(store, "Ada", Role::Admin).await;
    let (noah, token) = invite_noah(store, &ada).await;
    let hashes: Vec<String> = (0..64).map(|number| format!("hash {number}")).collect();
    let results = join_all(hashes.iter().map(|hash| accept(store, &token, hash))).await;
    let winners: Vec<usize> = (0..64).filter(|place| results[*place] == SetPasswordResult::Done).collect();
    assert_eq!(winners.len(), 1, "{results:?}");
    let account = store.account(noah).await.unwrap().unwrap();
    assert_eq!(account.password_hash, hashes[winners[0]]);
    assert!(account.user.active && account.user.invitation.is_none());
}

#[tokio::test]
async fn an_invitation_is_either_accepted_or_withdrawn() {
    let table = Table::new().await;
    let store = &table.store;
    let ada = account(store, "Ada", Role::Admin).await;
    for _ in 0..8 {
        let (noah, token) = invite_noah(store, &ada).await;
        let withdrawn = |user: &User| user.deactivated(clock::now());
        let withdraw = store
            .change_user(noah, UserChange { author: Author::Admin(Actor::of(&ada)), change: &withdrawn, event: None });
        let (accepted, changed) = tokio::join!(accept(store, &token, "new"), withdraw);
        let account = store.account(noah).await.unwrap().unwrap();
        assert!(!account.user.active, "it was withdrawn, or accepted and then deactivated");
        assert!(changed.unwrap().unwrap().changed);
        assert_eq!(account.user.invitation.is_none(), accepted == SetPasswordResult::Done, "{:?}", account.user);
        assert_eq!(accept(store, &token, "later").await, SetPasswordResult::Changed);
        // So that the next one is free.
        let elsewhere = |user: &User| User { email: Some(address(&user.id.to_string())), ..user.clone() };
        let change = UserChange { author: Author::Admin(Actor::of(&ada)), change: &elsewhere, event: None };
        store.change_user(noah, change).await.unwrap();
    }
}

#[tokio::test]
async fn an_address_is_invited_once_and_only_by_an_active_admin() {
    let table = Table::new().await;
    let store = &table.store;
    let ada = account(store, "Ada", Role::Admin).await;
    let (ana, all) = (account(store, "Ana", Role::User).await, (0..8).map(|_| invited("Noah")).collect::<Vec<_>>());
    let events: Vec<_> =
        all.iter().map(|one| event(AccountEventKind::Invited(AccountId { user_id: one.user.id }))).collect();
    let invite = async |place: usize, inviter| {
        store.invite(&all[place], None, inviter, TokenDelivery::Event(&events[place])).await
    };
    let refused = invite(0, Inviter::Admin(Actor::of(&ana))).await;
    assert!(matches!(refused, Err(ChangeUserError::NotAnAdmin)), "{refused:?}");
    let results = join_all((0..8).map(|place| invite(place, Inviter::Admin(Actor::of(&ada))))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    let taken = invite(0, Inviter::System).await;
    assert!(matches!(taken, Err(ChangeUserError::EmailTaken)), "{taken:?}");
    let refused = invite(0, Inviter::Admin(Actor::of(&ana))).await;
    assert!(matches!(refused, Err(ChangeUserError::NotAnAdmin)), "said first: {refused:?}");
    let again = store
        .invite_again(ana.id, Inviter::Admin(Actor::of(&ana)), TokenDelivery::Event(&events[0]), clock::now())
        .await;
    assert!(matches!(again, Err(ChangeUserError::NotAnAdmin)), "even if there is nothing to write: {again:?}");
}
