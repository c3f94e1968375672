//! Invitations: accounts that are created for people who then choose a password with a token.
//!
//! An invited account has the same items as any other, so that a version that knows no invitations
//! finds a complete account that is deactivated. Random bytes are in the place of its password's hash. The
//! token is stored like one for a forgotten password, and is valid for the address and the version
//! of the credential that the account had when it was made. So a changed address and a withdrawn
//! invitation end the earlier tokens.

use domain::audit::{AuditAction, AuditEntry};
use domain::event::AccountEvent;
use domain::id::UserId;
use domain::language::Language;
use domain::permission::Actor;
use domain::time::Timestamp;
use domain::user::{Person, User};

use super::account_items::{event_item, profile_item, unchanged};
use super::audit::about_account;
use super::condition::absent;
use super::keys::Item;
use super::transaction::Transaction;
use super::users::{ATTEMPTS_MAX, Refused, new_account};
use super::{Account, ChangeUserError, Store, StoreError};
use crate::auth::reset::ResetToken;
use crate::clock;

/// Who invites a person.
#[derive(Clone, Copy, Debug)]
pub enum Inviter<'a> {
    /// An admin, who has to be active.
    Admin(Actor<'a>),
    /// The help desk itself, on behalf of its operator.
    System,
}

impl Inviter<'_> {
    /// Begins a transaction that an admin may make only while they are one.
    fn transaction<R>(self, not_an_admin: R) -> Transaction<R> {
        match self {
            Self::Admin(admin) => Transaction::by_admin(admin.person.id, not_an_admin),
            Self::System => Transaction::new(),
        }
    }
}

/// How an invited person gets their token.
#[derive(Clone, Copy, Debug)]
pub enum TokenDelivery<'a> {
    /// A worker mails one once it receives this event.
    Event(&'a AccountEvent),
    /// The inviter hands on this one.
    ByHand {
        /// The token.
        token: &'a ResetToken,
        /// When it expires.
        expires_at: Timestamp,
    },
}

impl TokenDelivery<'_> {
    /// Returns the item to write with the invitation of an account.
    fn item(self, account: &Account) -> Result<Item, StoreError> {
        match self {
            Self::Event(event) => event_item(account.user.id, event),
            Self::ByHand { token, expires_at } => account.reset_item(token, None, expires_at),
        }
    }
}

impl Store {
    /// Creates the account of an invited person if its address is free. If a language is given, the
    /// person's mails are written in it until they choose one.
    pub async fn invite(
        &self,
        account: &Account,
        language: Option<Language>,
        inviter: Inviter<'_>,
        delivery: TokenDelivery<'_>,
    ) -> Result<(), ChangeUserError> {
        let user = &account.user;
        let writes = new_account(inviter.transaction(ChangeUserError::NotAnAdmin), account)?
            .put(delivery.item(account)?)
            .when(absent())
            .or(ChangeUserError::EmailTaken)
            .audited(&invitation_of(user, inviter, user.created_at))?
            .written_to_in(user.id, language)?;
        writes.commit(self).await?
    }

    /// Invites the person of an account again who did not accept an invitation yet. Returns `None`
    /// if there is no such account.
    pub async fn invite_again(
        &self,
        id: UserId,
        inviter: Inviter<'_>,
        delivery: TokenDelivery<'_>,
        now: Timestamp,
    ) -> Result<Option<User>, ChangeUserError> {
        for tried in 0..ATTEMPTS_MAX {
            clock::pause_before(tried).await;
            let Some(account) = self.account(id).await? else {
                return Ok(None);
            };
            let writes = inviter.transaction(Refused::NotAnAdmin).or_if_contended(Refused::Changed);
            let again = account.user.invited_again(now);
            let writes = match &again {
                Some(user) => {
                    let entry = invitation_of(user, inviter, now);
                    invited_again(writes, &account, user, delivery)?.audited(&entry)?
                }
                // Only an admin is told.
                None => writes,
            };
            match writes.commit(self).await? {
                Ok(()) if again.is_none() => return Err(ChangeUserError::NotInvited),
                Ok(()) => return Ok(again),
                Err(Refused::NotAnAdmin) => return Err(ChangeUserError::NotAnAdmin),
                Err(Refused::EmailTaken | Refused::Changed) => {}
            }
        }
        Err(StoreError::Unavailable("other requests kept changing this account".into()).into())
    }
}

fn invited_again(
    writes: Transaction<Refused>,
    account: &Account,
    invited: &User,
    delivery: TokenDelivery<'_>,
) -> Result<Transaction<Refused>, StoreError> {
    Ok(writes
        .put(profile_item(invited)?)
        .when(unchanged(&account.user))
        .or(Refused::Changed)
        .put(delivery.item(&Account { user: invited.clone(), ..account.clone() })?)
        .when(absent())
        .or(Refused::Changed))
}

/// Returns the audit entry of an invitation.
fn invitation_of(user: &User, inviter: Inviter<'_>, at: Timestamp) -> AuditEntry {
    let (system, action) = (Person::system(), AuditAction::Invited { role: user.role });
    let actor = match inviter {
        Inviter::Admin(admin) => admin,
        Inviter::System => Actor::of(&system),
    };
    about_account(actor, &user.person(), action, at)
}
