//! Passwords: the hashes that sign-ins are compared with, and reset tokens.

use std::fmt;

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, TransactWriteItem, Update};
use domain::event::{AccountEvent, AccountEventKind, PasswordChanged};
use domain::id::{EventId, SessionId, UserId};
use domain::time::Timestamp;
use domain::user::User;
use serde::{Deserialize, Serialize};

use super::error::Cancelled;
use super::item::{from_item, number, take, text, to_item, unless_refused};
use super::keys::{EXPIRES_AT, Item, Key};
use super::{SignIn, Store, StoreError, attempts};
use crate::auth::TokenHash;
use crate::auth::reset::{RESET_SECONDS, ResetToken};
use crate::clock;

/// How long a password reset request is valid, in seconds: a day. SES is retried for as long
/// (template.yaml, `AccountsQueue`).
pub(super) const REQUEST_SECONDS: i64 = 24 * 60 * 60;

/// The attribute of a request that holds the address.
pub(super) const EMAIL: &str = "email";
/// The attribute of a request that holds the network it came from.
pub(super) const NETWORK: &str = "network";

/// The password hash of an account.
#[derive(Serialize, Deserialize)]
pub(super) struct Credential {
    pub(super) password_hash: String,
    /// Counts the passwords of the account and how often it was reactivated. Rehashing the same
    /// password does not count.
    pub(super) version: u64,
}

/// The account that an address belongs to.
#[derive(Serialize, Deserialize)]
pub(super) struct Address {
    pub(super) user_id: UserId,
}

/// An account with everything that a sign-in is decided on.
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

/// An account whose password may be set with a token.
#[derive(Debug)]
pub struct PendingReset {
    /// The account.
    pub account: Account,
    /// The network that the mail with the token was requested from.
    requested_from: Option<String>,
}

/// A stored reset token. It is valid for the password and the address that the account had when it
/// was mailed. Once either changes, all mails sent before are void.
#[derive(Serialize, Deserialize)]
struct Reset {
    account_hash: TokenHash,
    expires_at: i64,
    /// The network that it was requested from.
    requested_from: Option<String>,
}

/// A new password for an account, before it is written.
pub struct NewPassword<'a> {
    /// The account, if its password still is the one read here.
    pub account: &'a Account,
    /// The PHC string of the new password.
    pub new_hash: &'a str,
    /// The proof of who sets it.
    pub proof: Proof<'a>,
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
    Token {
        /// The token.
        token: &'a ResetToken,
        /// The pending reset that it belongs to.
        reset: &'a PendingReset,
        /// The address and network of the next sign-in, which no longer has to wait.
        sign_in: &'a SignIn,
    },
}

/// The result of setting a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum PasswordSet {
    /// The new password is set.
    Done,
    /// The session that was to continue is over: the user signed out or has another role now.
    SessionOver,
    /// The password has changed, the token was used or has expired, or the account has another
    /// address by now or is inactive.
    Changed,
}

impl Account {
    fn hash_of_now(&self) -> TokenHash {
        TokenHash::of(format!("{}\n{}", self.credential_version, self.user.email.normalised()).as_bytes())
    }
}

impl Store {
    /// Returns the account of a normalised address with everything that a sign-in is decided on, if
    /// there is one.
    pub async fn account_of(&self, normalised_email: &str) -> Result<Option<Account>, StoreError> {
        let address = self.get(&Key::email(normalised_email)).await?;
        let found: Option<Address> = address.map(from_item).transpose()?;
        // An unknown address leads to a lookup of an account that does not exist: the same calls,
        // the same time.
        let user_id = found.as_ref().map_or(UserId::from_bytes([0; 16]), |address| address.user_id);
        let account = self.account(user_id).await?;
        match (found, account) {
            (None, _) => Ok(None),
            (Some(_), None) => Err(StoreError::corrupt(format!("the account {user_id} is incomplete"))),
            (Some(_), account) => Ok(account),
        }
    }

    /// Returns the account of an id with its password.
    pub async fn account(&self, id: UserId) -> Result<Option<Account>, StoreError> {
        account_in(id, self.batch_get(vec![Key::profile(id), Key::credential(id)]).await?)
    }

    /// Stores another PHC string of the same password, if the password still is that of the old
    /// one.
    pub async fn rehash_password(&self, id: UserId, old_hash: &str, new_hash: &str) -> Result<(), StoreError> {
        let request = self.client.update_item().table_name(&self.table);
        let sent = request
            .set_key(Some(Key::credential(id).to_item()))
            .condition_expression("password_hash = :old")
            .update_expression("SET password_hash = :new")
            .expression_attribute_values(":old", text(old_hash))
            .expression_attribute_values(":new", text(new_hash))
            .send()
            .await;
        unless_refused(sent)?;
        Ok(())
    }

    /// Sets a new password and writes its event, in one transaction.
    pub async fn set_password(&self, new: &NewPassword<'_>, now: Timestamp) -> Result<PasswordSet, StoreError> {
        let user_id = new.account.user.id;
        let kept_session_id = match new.proof {
            Proof::CurrentPassword { session } => Some(session),
            Proof::Token { .. } => None,
        };
        let changed = PasswordChanged { user_id, kept_session_id };
        let id = EventId::new(now, clock::id_bytes());
        let event = AccountEvent { id, at: now, kind: AccountEventKind::PasswordChanged(changed) };
        let mut writes = vec![self.replacing_password(new)?, self.putting_event(user_id, &event)?];
        writes.push(self.checking_address(&new.account.user)?);
        let session_place = writes.len();
        match new.proof {
            Proof::CurrentPassword { session } => {
                writes.push(self.keeping_session(user_id, session, new.account.credential_version, now)?);
                writes.push(self.forgetting(&attempts::password_change(user_id).key)?);
            }
            Proof::Token { token, sign_in, .. } => {
                writes.push(self.using_up(token, now)?);
                writes.push(self.forgetting(&attempts::reset_key(&new.account.user.email.normalised()))?);
                writes.extend(self.ending_waits(sign_in, now)?);
            }
        }
        match self.transact(writes).await {
            Ok(()) => {}
            Err(Cancelled::ConditionFailed(place)) if kept_session_id.is_some() && place == session_place => {
                return Ok(PasswordSet::SessionOver);
            }
            Err(Cancelled::ConditionFailed(_)) => return Ok(PasswordSet::Changed),
            Err(cancelled) => return Err(cancelled.into()),
        }
        // Many share this counter, so no transaction may block it.
        if let Proof::Token { reset: PendingReset { requested_from: Some(network), .. }, .. } = new.proof {
            self.take_back(&attempts::reset_from_key(network)).await;
        }
        Ok(PasswordSet::Done)
    }

    fn replacing_password(&self, new: &NewPassword<'_>) -> Result<TransactWriteItem, StoreError> {
        let version = new.account.credential_version;
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(Key::credential(new.account.user.id).to_item()))
            .condition_expression("version = :old")
            .update_expression("SET password_hash = :hash, version = :new")
            .expression_attribute_values(":hash", text(new.new_hash))
            .expression_attribute_values(":old", number(version))
            .expression_attribute_values(":new", number(version + 1))
            .build()
            .map_err(StoreError::corrupt)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Returns the write that invalidates all earlier sessions and resets while keeping the
    /// password. Unlike their removal, it cannot come too late: reactivating an account lets no one
    /// in who was signed in before.
    pub(super) fn ending_all_before(&self, user: UserId) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(Key::credential(user).to_item()))
            .condition_expression("attribute_exists(pk)")
            .update_expression("SET version = version + :one")
            .expression_attribute_values(":one", number(1))
            .build()
            .map_err(StoreError::corrupt)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn using_up(&self, token: &ResetToken, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(Key::reset(token.user_id, &token.hash()).to_item()))
            .condition_expression("#expires_at > :second")
            .expression_attribute_names("#expires_at", EXPIRES_AT)
            .expression_attribute_values(":second", number(now.unix_seconds()))
            .build()
            .map_err(StoreError::corrupt)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Returns the check that an account is active and still has the address that was read and that
    /// its mail went to.
    fn checking_address(&self, user: &User) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(Key::profile(user.id).to_item()))
            .condition_expression("email = :email AND active = :true")
            .expression_attribute_values(":email", text(user.email.as_str()))
            .expression_attribute_values(":true", AttributeValue::Bool(true))
            .build()
            .map_err(StoreError::corrupt)?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Returns the active account of a password reset request, with a new token for it. Returns
    /// `None` if there is no such account or the request was forgotten.
    pub async fn begin_reset(
        &self,
        request: EventId,
        now: Timestamp,
    ) -> Result<Option<(User, ResetToken)>, StoreError> {
        let Some(mut request) = self.get(&Key::reset_request(request)).await? else {
            return Ok(None);
        };
        // DynamoDB removes an expired item within days, not at once.
        let expires_at = request.get(EXPIRES_AT).and_then(|second| second.as_n().ok()?.parse::<i64>().ok());
        if expires_at.is_none_or(|second| second <= now.unix_seconds()) {
            return Ok(None);
        }
        let mut text_of = |name: &str| request.remove(name).and_then(|value| value.as_s().cloned().ok());
        let (email, requested_from) = (text_of(EMAIL).unwrap_or_default(), text_of(NETWORK));
        let Some(account) = self.account_of(&email).await?.filter(|account| account.user.active) else {
            return Ok(None);
        };
        let token = ResetToken::new(account.user.id);
        let expires_at = now.plus_seconds(RESET_SECONDS).unix_seconds();
        let mut item = to_item(&Reset { account_hash: account.hash_of_now(), expires_at, requested_from })?;
        item.extend(Key::reset(account.user.id, &token.hash()).to_item());
        self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await?;
        Ok(Some((account.user, token)))
    }

    /// Removes a password reset request after its mail was sent. A redelivered event then sends no
    /// mail.
    pub async fn end_reset_request(&self, request: EventId) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.table);
        delete.set_key(Some(Key::reset_request(request).to_item())).send().await?;
        Ok(())
    }

    /// Returns the account whose password a token may set now, or `None` if the token is not valid.
    pub async fn reset_of(&self, token: &ResetToken, now: Timestamp) -> Result<Option<PendingReset>, StoreError> {
        let key = Key::reset(token.user_id, &token.hash());
        let keys = vec![Key::profile(token.user_id), Key::credential(token.user_id), key.clone()];
        let mut items = self.batch_get(keys).await?;
        let reset = take(&mut items, &key).map(from_item::<Reset>).transpose()?;
        let Some(reset) = reset.filter(|reset| reset.expires_at > now.unix_seconds()) else {
            return Ok(None);
        };
        let account = account_in(token.user_id, items)?;
        let account = account.filter(|account| account.user.active && account.hash_of_now() == reset.account_hash);
        Ok(account.map(|account| PendingReset { account, requested_from: reset.requested_from }))
    }
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
