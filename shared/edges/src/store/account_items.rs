//! The items of an account, and conditions on them.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::event::AccountEvent;
use domain::id::UserId;
use domain::user::{EmailAddress, Role, User};
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::condition::{Changes, Condition, all, is, lacks};
use super::item::{item_at, text, to_item, traced};
use super::keys::{self, Item, Key};
use super::transaction::Transaction;

/// The attribute of a credential that holds the hash.
pub(super) const PASSWORD_HASH: &str = "password_hash";
/// The attribute of a credential that holds its version.
pub(super) const VERSION: &str = "version";

/// The attribute of a profile that holds the address that is to be verified.
const PENDING_EMAIL: &str = "pending_email";
/// The attribute of a profile that holds when an admin asked for that address.
const PENDING_SINCE: &str = "pending_since";

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

/// Requires that an account is active at the moment of the write, regardless of what a token says.
pub(super) fn active() -> Condition {
    is("active", AttributeValue::Bool(true))
}

/// Requires that an account is active and has that role at the moment of the write.
pub(super) fn active_as(role: Role) -> Condition {
    all([is("role", text(role.as_str())), active()])
}

/// Requires that an account has not changed since it was read.
pub(super) fn unchanged(user: &User) -> Condition {
    let is_or_lacks = |name, value: Option<AttributeValue>| value.map_or_else(|| lacks(name), |value| is(name, value));
    all([
        is_or_lacks(PENDING_EMAIL, user.pending_email.as_ref().map(|email| text(email.as_str()))),
        is_or_lacks(PENDING_SINCE, user.pending_since.map(|since| text(since.to_string()))),
        is("name", text(user.name.as_str())),
        is("email", text(user.stored_email())),
        is("role", text(user.role.as_str())),
        is("active", AttributeValue::Bool(user.active)),
        is_or_lacks("invitation", user.invitation.map(|invitation| text(invitation.as_str()))),
    ])
}

/// Requires that an account is an active service account.
pub(super) fn active_service() -> Condition {
    all([is("email", text("")), active()])
}

impl<R> Transaction<R> {
    /// Requires that `admin` is an active admin at the moment of the write, regardless of what
    /// their token says. Comes before all writes, so that a caller without permission gets this
    /// refusal and learns nothing about the other conditions.
    pub(super) fn by_admin(admin: UserId, refusal: R) -> Self {
        Self::new().check(Key::profile(admin)).when(active_as(Role::Admin)).or(refusal)
    }
}

/// Returns the item of a profile, with its keys in the index.
pub(super) fn profile_item(user: &User) -> Result<Item, StoreError> {
    let mut item = to_item(user)?;
    item.extend(keys::profile_keys(user.id, user.role));
    Ok(item)
}

/// Returns the item that leads from an address to its account.
pub(super) fn address_item(email: &EmailAddress, user: UserId) -> Result<Item, StoreError> {
    item_at(&Key::email(&email.normalised()), &Address { user_id: user })
}

/// Returns the item of an account event. The table's stream carries it to the queue.
pub(super) fn event_item(user: UserId, event: &AccountEvent) -> Result<Item, StoreError> {
    Ok(traced(item_at(&Key::account_event(user, event.id), event)?))
}

/// Returns the change that invalidates all earlier sessions and resets. Unlike their removal, it
/// cannot come too late: reactivating an account revives no earlier session.
pub(super) fn next_version() -> Changes {
    Changes::new().increment(VERSION)
}
