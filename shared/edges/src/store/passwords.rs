//! Passwords: the hashes that sign-ins are compared with, and reset tokens.

use std::fmt;

use domain::audit::AuditAction;
use domain::event::AccountEvent;
use domain::id::{EventId, SessionId, UserId};
use domain::permission::Actor;
use domain::time::Timestamp;
use domain::user::{EmailAddress, User};
use serde::{Deserialize, Serialize};

use super::account_items::{Address, Credential, PASSWORD_HASH, VERSION, active, event_item, profile_item, unchanged};
use super::audit::about_account;
use super::condition::{Changes, above, absent, all, is};
use super::item::{from_item, item_at, number, number_in, take, text};
use super::keys::{EXPIRES_AT, Item, Key};
use super::transaction::Transaction;
use super::write::Write;
use super::{Forgotten, SignIn, Store, StoreError};
use crate::auth::TokenHash;
use crate::auth::reset::ResetToken;

/// How long a password reset request is valid, in seconds: a day. SES is retried for as long
/// (template.yaml, `AccountsQueue`).
pub(super) const REQUEST_SECONDS: i64 = 24 * 60 * 60;

/// The attribute of a request that holds the address.
pub(super) const EMAIL: &str = "email";
/// The attribute of a request that holds the network it came from.
pub(super) const NETWORK: &str = "network";

/// An account with everything that decides a sign-in.
#[derive(Clone)]
pub struct Account {
    /// The user.
    pub user: User,
    /// The PHC string of the password.
    pub password_hash: String,
    /// The version of the password. A session continues only while this is the version it was begun
    /// with.
    pub credential_version: u64,
}

impl fmt::Debug for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Account({}, …)", self.user.id)
    }
}

/// A request for a mail with a reset token.
#[derive(Clone, Debug)]
pub struct RequestedReset {
    /// The normalised address, which need not have an account.
    pub email: String,
    /// The network that it came from, if it was counted there.
    pub from: Option<String>,
}

/// An account whose password may be set with a token.
#[derive(Debug)]
pub struct PendingReset {
    /// The account.
    pub account: Account,
    /// The network that the mail with the token was requested from.
    pub requested_from: Option<String>,
}

/// A stored token for choosing a password: mailed to a person who forgot theirs, or who is invited.
/// It is valid for the password and the address that the account had when it
/// was mailed. Once either changes, all tokens mailed before are invalid.
#[derive(Serialize, Deserialize)]
struct Reset {
    account_hash: TokenHash,
    expires_at: i64,
    /// The network that it was requested from.
    requested_from: Option<String>,
    /// Whether it accepts an invitation. A version that does not know this refuses it, because the
    /// account is inactive.
    #[serde(default, skip_serializing_if = "is_false")]
    invitation: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// A new password for an account, before it is written.
pub struct NewPassword<'a> {
    /// The account. Its password must still be the one that was read.
    pub account: &'a Account,
    /// The PHC string of the new password.
    pub new_hash: &'a str,
    /// The event about the change, which is written in the same transaction.
    pub event: &'a AccountEvent,
    /// The proof of who sets it.
    pub proof: Proof<'a>,
    /// The attempts that no longer count.
    pub forgotten: &'a [Forgotten<'a>],
    /// The sign-in in whose network the account is known from now on, if there is one.
    pub known_from: Option<&'a SignIn>,
}

/// The proof of who sets a new password.
#[derive(Clone, Copy)]
pub enum Proof<'a> {
    /// The current password, given by a signed-in user.
    CurrentPassword {
        /// The session that continues.
        session: SessionId,
    },
    /// A mailed token, which is consumed.
    Token(&'a ResetToken),
    /// The token of an invitation, which is accepted with it.
    Invitation(&'a ResetToken),
}

impl Proof<'_> {
    /// Returns what the audit says about a password set with this proof.
    const fn action(&self) -> AuditAction {
        match self {
            Self::CurrentPassword { .. } => AuditAction::PasswordChanged,
            Self::Token(_) => AuditAction::PasswordReset,
            Self::Invitation(_) => AuditAction::InvitationAccepted,
        }
    }
}

/// The result of setting a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum SetPasswordResult {
    /// The new password is set.
    Done,
    /// The session that was to continue is over: the user signed out or has another role now.
    SessionOver,
    /// The password has changed, the token was used or has expired, or the account has another
    /// address by now or is inactive.
    Changed,
}

impl PendingReset {
    /// Returns the proof that this token is.
    #[must_use]
    pub fn proof<'a>(&self, token: &'a ResetToken) -> Proof<'a> {
        if self.account.user.is_invited() { Proof::Invitation(token) } else { Proof::Token(token) }
    }
}

impl Account {
    /// Returns a new account, with its first password.
    #[must_use]
    pub const fn new(user: User, password_hash: String) -> Self {
        Self { user, password_hash, credential_version: 1 }
    }

    /// Returns the item of a token for the password and the address that the account has now.
    pub(super) fn reset_item(
        &self,
        token: &ResetToken,
        requested_from: Option<String>,
        expires_at: Timestamp,
    ) -> Result<Item, StoreError> {
        let (account_hash, expires_at) = (self.state_hash(), expires_at.unix_seconds());
        let reset = Reset { account_hash, expires_at, requested_from, invitation: self.user.is_invited() };
        item_at(&Key::reset(token.user_id, &token.hash()), &reset)
    }

    fn state_hash(&self) -> TokenHash {
        let email = self.user.email.as_ref().map(EmailAddress::normalised).unwrap_or_default();
        TokenHash::of(format!("{}\n{email}", self.credential_version).as_bytes())
    }
}

impl Store {
    /// Returns the account of a normalised address with everything that decides a sign-in, if there
    /// is one. An account without a password is none: a version that knows no service accounts may
    /// have given one an address.
    pub async fn account_by_email(&self, normalised_email: &str) -> Result<Option<Account>, StoreError> {
        let address = self.get(&Key::email(normalised_email)).await?;
        let found: Option<Address> = address.map(from_item).transpose()?;
        // For an unknown address, looks up an account that does not exist: the same calls, which
        // take the same time.
        let user_id = found.as_ref().map_or(UserId::from_bytes([0; 16]), |address| address.user_id);
        let account = self.account(user_id).await?;
        if found.is_some() && account.is_none() {
            tracing::warn!(%user_id, "an address belongs to an account without a password");
        }
        Ok(account.filter(|_| found.is_some()))
    }

    /// Returns the account of an id with its password.
    pub async fn account(&self, id: UserId) -> Result<Option<Account>, StoreError> {
        account_in(id, self.batch_get(vec![Key::profile(id), Key::credential(id)]).await?)
    }

    /// Stores another PHC string of the same password, if the password still is that of the old
    /// one.
    pub async fn rehash_password(&self, id: UserId, old_hash: &str, new_hash: &str) -> Result<(), StoreError> {
        let rehash = Write::update(Key::credential(id), Changes::new().set(PASSWORD_HASH, text(new_hash)));
        // Refused: the password changed in the meantime, and the new one has its own hash.
        self.write_if(rehash, is(PASSWORD_HASH, text(old_hash))).await?.either_way();
        Ok(())
    }

    /// Sets a new password and writes its event and its audit entry, in one transaction.
    pub async fn set_password(&self, new: &NewPassword<'_>, now: Timestamp) -> Result<SetPasswordResult, StoreError> {
        let (user_id, version) = (new.account.user.id, new.account.credential_version);
        let writes = replacing(new, now)?;
        let writes = match new.proof {
            Proof::CurrentPassword { session } => {
                writes.keep_session(user_id, session, version, now, SetPasswordResult::SessionOver)
            }
            Proof::Token(token) | Proof::Invitation(token) => writes
                .delete(Key::reset(token.user_id, &token.hash()))
                .when(above(EXPIRES_AT, number(now.unix_seconds())))
                .or(SetPasswordResult::Changed),
        };
        let (person, action) = (new.account.user.person(), new.proof.action());
        let writes = writes.audited(&about_account(Actor::of(&person), &person, action, now))?.forget(new.forgotten);
        let writes = match new.known_from {
            Some(sign_in) => writes.record_known_network(sign_in, now),
            None => writes,
        };
        Ok(writes.commit(self).await?.err().unwrap_or(SetPasswordResult::Done))
    }

    /// Returns a password reset request that may still be mailed. Returns `None` if it has expired
    /// or was removed.
    pub async fn reset_request(&self, id: EventId, now: Timestamp) -> Result<Option<RequestedReset>, StoreError> {
        let Some(mut request) = self.get(&Key::reset_request(id)).await? else {
            return Ok(None);
        };
        // DynamoDB removes an expired item within days, not at once.
        if number_in::<i64>(&request, EXPIRES_AT).is_none_or(|second| second <= now.unix_seconds()) {
            return Ok(None);
        }
        let mut text_of = |name: &str| request.remove(name).and_then(|value| value.as_s().cloned().ok());
        let (email, from) = (text_of(EMAIL).unwrap_or_default(), text_of(NETWORK));
        Ok(Some(RequestedReset { email, from }))
    }

    /// Stores a token for the password and the address that the account has now. If the account is
    /// invited, the token accepts the invitation.
    pub async fn begin_reset(
        &self,
        token: &ResetToken,
        account: &Account,
        requested_from: Option<String>,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(Write::put(account.reset_item(token, requested_from, expires_at)?)).await?;
        Ok(())
    }

    /// Removes a password reset request after its mail was sent. If its event is received again, no
    /// further mail is sent.
    pub async fn end_reset_request(&self, request: EventId) -> Result<(), StoreError> {
        self.write(Write::delete(Key::reset_request(request))).await?;
        Ok(())
    }

    /// Returns the account whose password a token may set now, or `None` if the token is not valid.
    pub async fn pending_reset(&self, token: &ResetToken, now: Timestamp) -> Result<Option<PendingReset>, StoreError> {
        let key = Key::reset(token.user_id, &token.hash());
        let keys = vec![Key::profile(token.user_id), Key::credential(token.user_id), key.clone()];
        let mut items = self.batch_get(keys).await?;
        let reset = take(&mut items, &key).map(from_item::<Reset>).transpose()?;
        let Some(reset) = reset.filter(|reset| reset.expires_at > now.unix_seconds()) else {
            return Ok(None);
        };
        let account = account_in(token.user_id, items)?;
        let account = account.filter(|account| {
            let usable = if reset.invitation { account.user.is_invited() } else { account.user.active };
            usable && account.state_hash() == reset.account_hash
        });
        Ok(account.map(|account| PendingReset { account, requested_from: reset.requested_from }))
    }
}

/// Returns the writes of a new password and its event, if the password is still the one that was
/// read, and the account still has the address that its mail went to. The account has to be active.
/// If it is invited, it becomes active.
fn replacing(new: &NewPassword<'_>, now: Timestamp) -> Result<Transaction<SetPasswordResult>, StoreError> {
    let (user, version) = (&new.account.user, new.account.credential_version);
    let changes = Changes::new().set(PASSWORD_HASH, text(new.new_hash)).set(VERSION, number(version + 1));
    let writes = Transaction::new()
        .update(Key::credential(user.id), changes)
        .when(is(VERSION, number(version)))
        .or(SetPasswordResult::Changed)
        .put(event_item(user.id, new.event)?)
        .when(absent())
        .or(SetPasswordResult::Changed);
    let writes = match new.proof {
        Proof::Invitation(_) => writes.put(profile_item(&user.accepted(now))?).when(unchanged(user)),
        Proof::CurrentPassword { .. } | Proof::Token(_) => {
            writes.check(Key::profile(user.id)).when(all([is("email", text(user.stored_email())), active()]))
        }
    };
    Ok(writes.or(SetPasswordResult::Changed))
}

/// Reads an account from its two items, if both are present.
fn account_in(id: UserId, mut items: Vec<Item>) -> Result<Option<Account>, StoreError> {
    let (profile, credential) = (take(&mut items, &Key::profile(id)), take(&mut items, &Key::credential(id)));
    let (Some(profile), Some(credential)) = (profile, credential) else {
        return Ok(None);
    };
    let Credential { password_hash, version } = from_item(credential)?;
    Ok(Some(Account { user: from_item(profile)?, password_hash, credential_version: version }))
}
