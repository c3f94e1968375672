//! Changed addresses, which hold from their verification on.
//!
//! The new address is in the profile, as a label that grants nothing. The right to it is the token
//! mailed there, which is bound to both addresses and to when an admin asked for the new one: a
//! version that erases the label ends the change, and a link of a change that ended is not valid for
//! another.

use domain::audit::{AuditAction, ProfileField};
use domain::permission::Actor;
use domain::time::Timestamp;
use domain::user::{EmailAddress, User};
use serde::{Deserialize, Serialize};

use super::account_items::{address_item, profile_item, unchanged};
use super::audit::about_account;
use super::condition::{above, absent};
use super::item::{from_item, item_at, number, take};
use super::keys::{EXPIRES_AT, Key};
use super::transaction::Transaction;
use super::users::{ATTEMPTS_MAX, Refused};
use super::write::Write;
use super::{Store, StoreError};
use crate::auth::{EmailToken, TokenHash};
use crate::clock;

/// A stored verification token. Once either address changes, or the change ends, it is invalid.
#[derive(Serialize, Deserialize)]
struct StoredToken {
    addresses_hash: TokenHash,
    expires_at: i64,
}

impl Store {
    /// Stores a token that verifies the address that the account is to have.
    pub async fn begin_verification(
        &self,
        token: &EmailToken,
        user: &User,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let stored = StoredToken { addresses_hash: hash_of(user), expires_at: expires_at.unix_seconds() };
        self.write(Write::put(item_at(&Key::verification(token.user_id, &token.hash()), &stored)?)).await?;
        Ok(())
    }

    /// Gives an account the address that a token verifies. Returns `false` if the token is not
    /// valid, or the address belongs to another account by now.
    pub async fn verify_email(&self, token: &EmailToken, now: Timestamp) -> Result<bool, StoreError> {
        let (profile, key) = (Key::profile(token.user_id), Key::verification(token.user_id, &token.hash()));
        for tried in 0..ATTEMPTS_MAX {
            clock::pause_before(tried).await;
            let mut items = self.batch_get(vec![profile.clone(), key.clone()]).await?;
            let verification = take(&mut items, &key).map(from_item::<StoredToken>).transpose()?;
            let user = take(&mut items, &profile).map(from_item::<User>).transpose()?;
            let (Some(verification), Some(user)) = (verification, user) else {
                return Ok(false);
            };
            if verification.expires_at <= now.unix_seconds() || verification.addresses_hash != hash_of(&user) {
                return Ok(false);
            }
            let Some(writes) = verifying(&user, key.clone(), now)? else {
                return Ok(false);
            };
            match writes.commit(self).await? {
                Ok(()) => return Ok(true),
                Err(Refused::EmailTaken | Refused::NotAnAdmin) => return Ok(false),
                Err(Refused::Changed) => {}
            }
        }
        Err(StoreError::Unavailable("other requests kept changing this account".into()))
    }
}

/// Returns the writes that give an account its pending address and consume the token with this key,
/// if the account has not changed since it was read. Returns `None` if nothing can be verified.
fn verifying(user: &User, token: Key, now: Timestamp) -> Result<Option<Transaction<Refused>>, StoreError> {
    let (Some(old_address), Some(new_address)) = (&user.email, &user.pending_email) else {
        return Ok(None);
    };
    let Some(verified) = user.with_verified_email(now) else {
        return Ok(None);
    };
    let person = user.person();
    let action = AuditAction::ProfileChanged { fields: vec![ProfileField::Email] };
    let writes = Transaction::new()
        .or_if_contended(Refused::Changed)
        .put(profile_item(&verified)?)
        .when(unchanged(user))
        .or(Refused::Changed)
        .put(address_item(new_address, user.id)?)
        .when(absent())
        .or(Refused::EmailTaken)
        .delete(Key::email(&old_address.normalised()))
        .unconditionally()
        .delete(token)
        .when(above(EXPIRES_AT, number(now.unix_seconds())))
        .or(Refused::Changed)
        .audited(&about_account(Actor::of(&person), &person, action, now))?;
    Ok(Some(writes))
}

/// Returns the hash of the address that an account has, of the one that it is to have, and of when
/// it was asked for.
fn hash_of(user: &User) -> TokenHash {
    let pending = user.pending_email.as_ref().map(EmailAddress::as_str).unwrap_or_default();
    let present = user.email.as_ref().map(EmailAddress::normalised).unwrap_or_default();
    let since = user.pending_since.map(|since| format!("\n{since}")).unwrap_or_default();
    TokenHash::of(format!("{present}\n{pending}{since}").as_bytes())
}
