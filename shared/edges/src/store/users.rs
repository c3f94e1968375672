//! Accounts: a profile and the address that leads to it.

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem};
use domain::event::{AccountEvent, AccountEventKind, ChangedByAdmin};
use domain::id::{EventId, UserId};
use domain::time::Timestamp;
use domain::user::{Person, Role, User};

use super::error::Cancelled;
use super::item::{from_item, text, to_item};
use super::keys::{self, BY_STATUS, Item, Key};
use super::passwords::{Address, Credential};
use super::query::{Budget, Consistency, Filter, Stretch};
use super::{Page, SignIn, Store, StoreError};
use crate::clock;

/// The number of times to retry a change of an account that changed in the meantime.
const ATTEMPTS_MAX: u32 = 5;

/// A change of the permissions of an account.
#[derive(Clone, Debug)]
pub enum AccountChange {
    /// Changes the role.
    Role {
        /// The new role.
        role: Role,
        /// The person who makes the change.
        actor: Person,
    },
    /// Deactivates the account.
    Deactivate {
        /// The person who makes the change.
        actor: Person,
    },
}

/// The person who changes an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// An admin, who has to be active.
    Admin(UserId),
    /// The owner of the account, who has to be active.
    Owner,
}

impl Author {
    /// Returns the account, other than the changed one, that has to be an active admin's at the
    /// moment of the change. The changed account needs no such check, because it is written on
    /// condition that it is as it was read. (`DynamoDB` accepts each item once per transaction.)
    fn admin_besides(self, changed: &User) -> Result<Option<UserId>, ChangeUserError> {
        match self {
            Self::Owner if changed.active => Ok(None),
            Self::Owner => Err(ChangeUserError::Inactive),
            Self::Admin(admin) if admin != changed.id => Ok(Some(admin)),
            Self::Admin(_) if changed.active && changed.role == Role::Admin => Ok(None),
            Self::Admin(_) => Err(ChangeUserError::NoAdmin),
        }
    }
}

/// An account after an attempted change.
#[derive(Clone, Debug)]
pub struct ChangedUser {
    /// The current state of the account.
    pub user: User,
    /// Whether the account was changed.
    pub changed: bool,
}

/// The reason why an account was not created or changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeUserError {
    /// There is an account with that address.
    #[error("an account with this e-mail address already exists")]
    EmailTaken,
    /// The person making the change is no longer an active admin.
    #[error("the caller is no longer an active admin")]
    NoAdmin,
    /// The person making the change is no longer active.
    #[error("the caller's account is deactivated")]
    Inactive,
    /// The table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The reason why an admin's writes were not made.
pub(super) enum NotWritten {
    /// The person is no longer an active admin.
    NoAdmin,
    /// The transaction was cancelled for another reason.
    Cancelled(Cancelled),
}

impl From<Cancelled> for NotWritten {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

impl Store {
    /// Creates an account if its address is free.
    pub async fn register(&self, user: &User, password_hash: String) -> Result<(), ChangeUserError> {
        self.make_account(user, password_hash, None).await
    }

    /// Creates an account if its address is free, and marks it as known in the network it was
    /// created from.
    pub async fn register_from(
        &self,
        from: &SignIn,
        user: &User,
        password_hash: String,
    ) -> Result<(), ChangeUserError> {
        self.make_account(user, password_hash, self.noting_known(from, user.created_at)?).await
    }

    async fn make_account(
        &self,
        user: &User,
        password_hash: String,
        note: Option<TransactWriteItem>,
    ) -> Result<(), ChangeUserError> {
        let mut profile = to_item(user)?;
        profile.extend(keys::profile_keys(user.id, user.role));
        let mut credential = to_item(&Credential { password_hash, version: 1 })?;
        credential.extend(Key::credential(user.id).to_item());
        // Only the condition on the address can fail, because ids are new.
        let mut writes = vec![self.putting_address(user)?, self.put_new(profile)?, self.put_new(credential)?];
        writes.extend(note);
        match self.transact(writes).await {
            Ok(()) => Ok(()),
            Err(Cancelled::ConditionFailed(_)) => Err(ChangeUserError::EmailTaken),
            Err(cancelled) => Err(StoreError::from(cancelled).into()),
        }
    }

    /// Returns the account of a normalised address.
    pub async fn user_of(&self, normalised_email: &str) -> Result<Option<User>, StoreError> {
        let address: Option<Address> = self.get(&Key::email(normalised_email)).await?.map(from_item).transpose()?;
        match address {
            Some(Address { user_id }) => self.user(user_id).await,
            None => Ok(None),
        }
    }

    /// Returns the account of an id.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.get(&Key::profile(id)).await?.map(from_item).transpose()
    }

    /// Returns the accounts of these ids, in no particular order. Ids without an account are left
    /// out. Takes at most 100 ids (DynamoDB's `BatchGetItem`).
    pub async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        let keys = ids.iter().map(|id| Key::profile(*id)).collect();
        let items = self.batch_get(keys).await?;
        items.into_iter().map(from_item).collect()
    }

    /// Changes an account with `change`, which is called again if the account changed in the
    /// meantime. Writes the event that `event` returns for the account before and after, in the
    /// same transaction. `author` has to be allowed to make the change at that moment. Writes
    /// nothing if nothing changes. Returns `None` if there is no such account.
    pub async fn change_user(
        &self,
        id: UserId,
        author: Author,
        change: impl Fn(&User) -> User,
        event: impl Fn(&User, &User) -> Option<AccountEvent>,
    ) -> Result<Option<ChangedUser>, ChangeUserError> {
        for tried in 0..ATTEMPTS_MAX {
            clock::pause_before(tried).await;
            let Some(old) = self.user(id).await? else {
                return Ok(None);
            };
            let admin = author.admin_besides(&old)?;
            let new = change(&old);
            let changed = new != old;
            let (mut writes, mut new_address) = (Vec::new(), None);
            if changed {
                writes.push(self.putting_profile(&old, &new)?);
            }
            if let Some(event) = event(&old, &new).filter(|_| changed) {
                writes.push(self.putting_event(id, &event)?);
            }
            if !old.active && new.active {
                writes.push(self.ending_all_before(id)?);
            }
            if old.email.normalised() != new.email.normalised() {
                new_address = Some(writes.len());
                writes.push(self.putting_address(&new)?);
                writes.push(self.deleting_address(&old)?);
            }
            match self.transact_by(admin, writes).await {
                Ok(()) => return Ok(Some(ChangedUser { user: new, changed })),
                Err(NotWritten::NoAdmin) => return Err(ChangeUserError::NoAdmin),
                Err(NotWritten::Cancelled(Cancelled::ConditionFailed(place))) if Some(place) == new_address => {
                    return Err(ChangeUserError::EmailTaken);
                }
                Err(NotWritten::Cancelled(Cancelled::ConditionFailed(_) | Cancelled::Contended)) => {}
                Err(NotWritten::Cancelled(cancelled)) => return Err(StoreError::from(cancelled).into()),
            }
        }
        Err(StoreError::Unavailable("other requests kept changing this account".into()).into())
    }

    /// Changes the permissions of an account, with the event that triggers everything that follows,
    /// and ends its sessions. Writes nothing if nothing changes. Returns `None` if there is no such
    /// account.
    pub async fn end_rights(
        &self,
        id: UserId,
        change: AccountChange,
        now: Timestamp,
    ) -> Result<Option<User>, ChangeUserError> {
        let event_id = EventId::new(now, clock::id_bytes());
        let (AccountChange::Role { actor, .. } | AccountChange::Deactivate { actor }) = &change;
        let admin = actor.id;
        let (role, kind) = match change {
            AccountChange::Role { role, actor } => {
                (Some(role), AccountEventKind::RoleChanged(ChangedByAdmin { user_id: id, actor }))
            }
            AccountChange::Deactivate { actor } => {
                (None, AccountEventKind::Deactivated(ChangedByAdmin { user_id: id, actor }))
            }
        };
        let event = AccountEvent { id: event_id, at: now, kind };
        let change = |user: &User| role.map_or_else(|| user.deactivated(now), |role| user.with_role(role, now));
        let changed = self.change_user(id, Author::Admin(admin), change, |_, _| Some(event.clone())).await?;
        if changed.as_ref().is_some_and(|changed| changed.changed) {
            self.clear_sessions(id, now, None).await;
        }
        Ok(changed.map(|changed| changed.user))
    }

    /// Makes all of these writes or none. If `admin` is given, requires that they are an active
    /// admin at that moment, whatever their token says. Reports a failed condition by its index in
    /// `writes`. The check comes before them, so that a caller without permission learns that and
    /// nothing else. The check is also made if there is nothing to write.
    pub(super) async fn transact_by(
        &self,
        admin: Option<UserId>,
        mut writes: Vec<TransactWriteItem>,
    ) -> Result<(), NotWritten> {
        if let Some(admin) = admin {
            writes.insert(0, self.checking_role(admin, Role::Admin).map_err(Cancelled::Failed)?);
        }
        if writes.is_empty() {
            return Ok(());
        }
        self.transact(writes).await.map_err(|cancelled| match (admin, cancelled) {
            (Some(_), Cancelled::ConditionFailed(0)) => NotWritten::NoAdmin,
            (Some(_), Cancelled::ConditionFailed(place)) => Cancelled::ConditionFailed(place - 1).into(),
            (_, cancelled) => cancelled.into(),
        })
    }

    /// Returns the check that a user is active and has `role` at the moment of the transaction,
    /// whatever their token says.
    pub(super) fn checking_role(&self, user: UserId, role: Role) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(Key::profile(user).to_item()))
            .condition_expression("#role = :role AND active = :true")
            .expression_attribute_names("#role", "role")
            .expression_attribute_values(":role", text(role.as_str()))
            .expression_attribute_values(":true", AttributeValue::Bool(true))
            .build()
            .map_err(StoreError::corrupt)?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Returns the check that a user's account is active at the moment of the transaction.
    pub(super) fn checking_active(&self, user: UserId) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(Key::profile(user).to_item()))
            .condition_expression("active = :true")
            .expression_attribute_values(":true", AttributeValue::Bool(true))
            .build()
            .map_err(StoreError::corrupt)?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Returns the write of a profile, on condition that it is still as it was read.
    fn putting_profile(&self, old: &User, new: &User) -> Result<TransactWriteItem, StoreError> {
        let mut item = to_item(new)?;
        item.extend(keys::profile_keys(new.id, new.role));
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("#name = :name AND #email = :email AND #role = :role AND #active = :active")
            .expression_attribute_names("#name", "name")
            .expression_attribute_names("#email", "email")
            .expression_attribute_names("#role", "role")
            .expression_attribute_names("#active", "active")
            .expression_attribute_values(":name", text(old.name.as_str()))
            .expression_attribute_values(":email", text(old.email.as_str()))
            .expression_attribute_values(":role", text(old.role.as_str()))
            .expression_attribute_values(":active", AttributeValue::Bool(old.active))
            .build()
            .map_err(StoreError::corrupt)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Returns the write of an account event. The table's stream carries it to the queue.
    pub(super) fn putting_event(&self, user: UserId, event: &AccountEvent) -> Result<TransactWriteItem, StoreError> {
        let mut item = to_item(event)?;
        item.extend(Key::account_event(user, event.id).to_item());
        self.put_event(item)
    }

    fn putting_address(&self, user: &User) -> Result<TransactWriteItem, StoreError> {
        let mut address = to_item(&Address { user_id: user.id })?;
        address.extend(Key::email(&user.email.normalised()).to_item());
        self.put_new(address)
    }

    fn deleting_address(&self, user: &User) -> Result<TransactWriteItem, StoreError> {
        let key = Key::email(&user.email.normalised()).to_item();
        let delete = Delete::builder().table_name(&self.table).set_key(Some(key)).build();
        Ok(TransactWriteItem::builder().delete(delete.map_err(StoreError::corrupt)?).build())
    }

    /// Returns up to `limit` accounts with these roles, role by role, each oldest first.
    pub async fn list_users(
        &self,
        roles: &[Role],
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<User>, StoreError> {
        let after = after.map(|after| UserPosition::parse(after, roles)).transpose()?;
        let skipped = after.as_ref().map_or(0, |position| position.place);
        let mut start = after.map(|position| position.start_key());
        let mut users: Vec<User> = Vec::new();
        for role in &roles[skipped.min(roles.len())..] {
            let stretch = Stretch {
                index: Some(BY_STATUS),
                hash: keys::role_key(*role),
                prefix: "".into(),
                from: None,
                ascending: true,
                consistency: Consistency::Eventual,
            };
            let wanted = limit + 1 - users.len();
            let (items, _) =
                self.read(&stretch, &Filter::default(), start.take(), wanted, &mut Budget::default()).await?;
            for item in items {
                users.push(from_item(item)?);
            }
            if users.len() > limit {
                break;
            }
        }
        let more = users.len() > limit;
        users.truncate(limit);
        let next = users.last().filter(|_| more).map(UserPosition::behind);
        let positioned = users.into_iter().map(|user| {
            let position = UserPosition::behind(&user);
            (user, position)
        });
        Ok(Page::of(positioned, next))
    }
}

/// The position in a list of accounts: after one account, within the roles of the list.
struct UserPosition {
    place: usize,
    role: Role,
    id: UserId,
}

impl UserPosition {
    /// Formats the position after `user`, as [`UserPosition::parse`] reads it.
    fn behind(user: &User) -> String {
        format!("{}#{}", user.role.as_str(), user.id)
    }

    fn parse(text: &str, roles: &[Role]) -> Result<Self, StoreError> {
        let parsed = text.split_once('#').and_then(|(role, id)| {
            let role = Role::named(role)?;
            let place = roles.iter().position(|other| *other == role)?;
            Some(Self { place, role, id: id.parse().ok()? })
        });
        parsed.ok_or(StoreError::InvalidPosition)
    }

    fn start_key(&self) -> Item {
        keys::profile_keys(self.id, self.role)
    }
}
