//! Accounts: a profile and the address that leads to it.

use domain::audit::{AuditAction, AuditEntry};
use domain::event::{AccountEvent, AccountEventKind};
use domain::id::UserId;
use domain::permission::Actor;
use domain::user::{EmailAddress, Person, Role, User};

use super::account_items::{Address, Credential, address_item, event_item, next_version, profile_item, unchanged};
use super::audit::about_account;
use super::condition::{absent, present};
use super::item::{Consistency, from_item, item_at};
use super::keys::{self, BY_STATUS, Item, Key};
use super::preferences;
use super::query::{Budget, KeyRange};
use super::transaction::Transaction;
use super::{Account, Page, Store, StoreError};
use crate::clock;

/// The number of times to retry a change of an account that changed in the meantime.
pub(super) const ATTEMPTS_MAX: u32 = 5;

/// The person who changes an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author<'a> {
    /// An admin, who has to be active.
    Admin(Actor<'a>),
    /// The owner of the account, who has to be active.
    Owner(&'a Person),
}

impl<'a> Author<'a> {
    const fn actor(self) -> Actor<'a> {
        match self {
            Self::Admin(actor) => actor,
            Self::Owner(person) => Actor::of(person),
        }
    }

    /// Returns the account, other than the changed one, that has to be an active admin's at the
    /// moment of the change. The changed account needs no such check, because it is written on
    /// condition that it has not changed since it was read. (`DynamoDB` accepts each item once per
    /// transaction.)
    fn admin_besides(self, changed: &User) -> Result<Option<UserId>, ChangeUserError> {
        match self {
            Self::Owner(_) if changed.active => Ok(None),
            Self::Owner(_) => Err(ChangeUserError::Inactive),
            Self::Admin(admin) if admin.person.id != changed.id => Ok(Some(admin.person.id)),
            Self::Admin(_) if changed.active && changed.role == Role::Admin => Ok(None),
            Self::Admin(_) => Err(ChangeUserError::NotAnAdmin),
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
    /// The event that was written.
    pub event: Option<AccountEvent>,
}

/// The reason why an account was not created or changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeUserError {
    /// There is an account with that address.
    #[error("an account with this e-mail address already exists")]
    EmailTaken,
    /// The person making the change is no longer an active admin.
    #[error("the caller is no longer an active admin")]
    NotAnAdmin,
    /// The person of the account has not accepted an invitation, and only they can activate it.
    #[error("the person has not accepted an invitation yet")]
    NotAccepted,
    /// The person of the account accepted an invitation or needs none.
    #[error("the person accepted an invitation or needs none")]
    NotInvited,
    /// The person making the change is no longer active.
    #[error("the caller's account is deactivated")]
    Inactive,
    /// The table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The reason why a try to change an account wrote nothing.
pub(super) enum Refused {
    /// The person making the change is no longer an active admin.
    NotAnAdmin,
    /// There is an account with the new address.
    EmailTaken,
    /// The account changed since it was read, or is being changed.
    Changed,
}

/// Returns the event of a change, for the account before and after it, which may be equal.
pub type EventOfChange<'a> = &'a (dyn Fn(&User, &User) -> Option<AccountEvent> + Sync);

/// A change of an account, which is computed from the account's current state.
#[derive(Clone, Copy)]
pub struct UserChange<'a> {
    /// The person who makes the change, and has to be allowed to at that moment. The audit names
    /// them.
    pub author: Author<'a>,
    /// Returns the account after the change. Called again if the account changed in the meantime.
    pub change: &'a (dyn Fn(&User) -> User + Sync),
    /// Returns the event of the change, if it has one. It is written in the same transaction, even
    /// if nothing else is.
    pub event: Option<EventOfChange<'a>>,
}

impl Store {
    /// Creates an account if its address is free.
    pub async fn register(&self, user: &User, password_hash: String) -> Result<(), ChangeUserError> {
        registration(user, password_hash)?.commit(self).await?
    }

    /// Creates a service account, as an active admin asks. It is mailed nothing: even a version that
    /// knows no service accounts reads so in its preferences.
    pub async fn create_service_account(&self, user: &User, admin: Actor<'_>) -> Result<(), ChangeUserError> {
        // Its id is new, so no condition but that on the admin can fail.
        let taken = || StoreError::corrupt("a new id is taken").into();
        let action = AuditAction::ServiceAccountCreated { role: user.role };
        Transaction::by_admin(admin.person.id, ChangeUserError::NotAnAdmin)
            .put(profile_item(user)?)
            .when(absent())
            .or(taken())
            .put(preferences::of_service_account(user.id))
            .when(absent())
            .or(taken())
            .audited(&about_account(admin, &user.person(), action, user.created_at))?
            .commit(self)
            .await?
    }

    /// Returns the account of a normalised address.
    pub async fn user_by_email(&self, normalised_email: &str) -> Result<Option<User>, StoreError> {
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

    /// Changes an account. Writes nothing if nothing changes and nothing follows. Returns `None` if
    /// there is no such account.
    pub async fn change_user(
        &self,
        id: UserId,
        change: UserChange<'_>,
    ) -> Result<Option<ChangedUser>, ChangeUserError> {
        for tried in 0..ATTEMPTS_MAX {
            clock::pause_before(tried).await;
            let Some(old) = self.user(id).await? else {
                return Ok(None);
            };
            let admin = change.author.admin_besides(&old)?;
            let new = (change.change)(&old);
            // An admin activates no account in the place of its person. Only an admin is told.
            let refused = old.invitation.is_some() && new.active;
            let new = if refused { old.clone() } else { new };
            let changed = new != old;
            let event = change.event.filter(|_| !refused).and_then(|event| event(&old, &new));
            let writes = change_of(&old, &new, admin, event.as_ref())?;
            match audited(writes, &old, &new, change.author.actor(), event.as_ref())?.commit(self).await? {
                Ok(()) if refused => return Err(ChangeUserError::NotAccepted),
                Ok(()) => return Ok(Some(ChangedUser { user: new, changed, event })),
                Err(Refused::NotAnAdmin) => return Err(ChangeUserError::NotAnAdmin),
                Err(Refused::EmailTaken) => return Err(ChangeUserError::EmailTaken),
                Err(Refused::Changed) => {}
            }
        }
        Err(StoreError::Unavailable("other requests kept changing this account".into()).into())
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
            let range = KeyRange {
                index: Some(BY_STATUS),
                hash: keys::role_key(*role),
                prefix: "".into(),
                from: None,
                to: None,
                ascending: true,
                consistency: Consistency::Eventual,
            };
            let wanted = limit + 1 - users.len();
            let (items, _) = self.read(&range, &[], start.take(), wanted, &mut Budget::default()).await?;
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

/// Returns the writes of a new account.
pub(super) fn registration(user: &User, password_hash: String) -> Result<Transaction<ChangeUserError>, StoreError> {
    let account = Account::new(user.clone(), password_hash);
    new_account(Transaction::new(), &account)?.audited(&creation(user))
}

/// Adds the writes of a new account. Its id is new, so only the address can be taken.
pub(super) fn new_account(
    writes: Transaction<ChangeUserError>,
    account: &Account,
) -> Result<Transaction<ChangeUserError>, StoreError> {
    let Account { user, password_hash, credential_version: version } = account.clone();
    let credential = item_at(&Key::credential(user.id), &Credential { password_hash, version })?;
    let writes = match &user.email {
        Some(email) => writes.put(address_item(email, user.id)?).when(absent()).or(ChangeUserError::EmailTaken),
        None => writes,
    };
    Ok(writes
        .put(profile_item(&user)?)
        .when(absent())
        .or(ChangeUserError::EmailTaken)
        .put(credential)
        .when(absent())
        .or(ChangeUserError::EmailTaken))
}

/// Returns the audit entry of a new account. People register as users, and operators create admins.
fn creation(user: &User) -> AuditEntry {
    let person = user.person();
    let (actor, action) = match user.role {
        Role::Admin => (Person::system(), AuditAction::AdminCreated),
        Role::User | Role::Technician | Role::System => (person.clone(), AuditAction::Registered),
    };
    about_account(Actor::of(&actor), &person, action, user.created_at)
}

/// Returns the writes that change an account, if it has not changed since it was read.
fn change_of(
    old: &User,
    new: &User,
    admin: Option<UserId>,
    event: Option<&AccountEvent>,
) -> Result<Transaction<Refused>, StoreError> {
    let mut writes = match admin {
        Some(admin) => Transaction::by_admin(admin, Refused::NotAnAdmin),
        None => Transaction::new(),
    }
    .or_if_contended(Refused::Changed);
    if new != old {
        writes = writes.put(profile_item(new)?).when(unchanged(old)).or(Refused::Changed);
    } else if event.is_some() {
        writes = writes.check(Key::profile(old.id)).when(unchanged(old)).or(Refused::Changed);
    }
    if let Some(event) = event {
        writes = writes.put(event_item(new.id, event)?).when(absent()).or(Refused::Changed);
    }
    let address_of = |user: &User| user.email.as_ref().map(EmailAddress::normalised);
    let (old_address, new_address) = (address_of(old), address_of(new));
    let ends_invitations = old.is_invited() && (!new.is_invited() || old_address != new_address);
    // A service account has no password, and its tokens ended with it.
    if (!old.active && new.active && !new.is_service()) || ends_invitations {
        writes = writes.update(Key::credential(new.id), next_version()).when(present()).or(Refused::Changed);
    }
    let is_asked_for = new.pending_email != old.pending_email || is_asked_again(old, new, event);
    if let Some(pending) = new.pending_email.as_ref().filter(|_| is_asked_for) {
        writes = writes.check(Key::email(&pending.normalised())).when(absent()).or(Refused::EmailTaken);
    }
    if old_address == new_address {
        return Ok(writes);
    }
    if let Some(email) = &new.email {
        writes = writes.put(address_item(email, new.id)?).when(absent()).or(Refused::EmailTaken);
    }
    if let Some(email) = old_address {
        writes = writes.delete(Key::email(&email)).unconditionally();
    }
    Ok(writes)
}

/// Returns whether an admin asked once more for the address that is pending already. After a
/// reactivation its link is mailed too, but no one asked.
fn is_asked_again(old: &User, new: &User, event: Option<&AccountEvent>) -> bool {
    let mails_link = event.is_some_and(|event| matches!(event.kind, AccountEventKind::EmailChangeRequested(_)));
    mails_link && old.active && old.pending_email == new.pending_email
}

/// Adds the audit entries of a change, as far as something changed, and of a link that is mailed
/// once more.
fn audited(
    mut writes: Transaction<Refused>,
    old: &User,
    new: &User,
    author: Actor<'_>,
    event: Option<&AccountEvent>,
) -> Result<Transaction<Refused>, StoreError> {
    for action in AuditAction::of_account_change(old, new) {
        writes = writes.audited(&about_account(author, &old.person(), action, new.updated_at))?;
    }
    match event.filter(|event| is_asked_again(old, new, Some(*event))) {
        Some(event) => {
            writes.audited(&about_account(author, &old.person(), AuditAction::EmailChangeRequested, event.at))
        }
        None => Ok(writes),
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
