//! Accounts, as admins and their owners see and change them.

use domain::event::{AccountEventKind, ChangedByAdmin};
use domain::id::UserId;
use domain::permission::Actor;
use domain::permission::DeskAction;
use domain::time::Timestamp;
use domain::user::{EmailAddress, NewServiceAccount, Person, Role, User, UserPatch};
use edges::clock;
use edges::store::{Author, Page, UserChange};

use crate::read::PageRequest;
use crate::{AccountError, Desk, event_of};

impl Desk {
    /// Reads an account.
    pub async fn user(&self, id: UserId) -> Result<User, AccountError> {
        self.store.user(id).await?.ok_or(AccountError::NotFound)
    }

    /// Lists accounts: all accounts, those of one role, or the one with an address.
    pub async fn list_users(
        &self,
        role: Option<Role>,
        email: Option<EmailAddress>,
        actor: Actor<'_>,
        page: PageRequest<'_>,
    ) -> Result<Page<User>, AccountError> {
        let action = match role {
            _ if email.is_some() => DeskAction::SeeUser,
            Some(Role::Technician) => DeskAction::ListTechnicians,
            _ => DeskAction::ListUsers,
        };
        actor.check(action)?;
        let roles = role.map_or_else(|| Role::ALL.to_vec(), |role| vec![role]);
        match email {
            Some(email) => {
                let user = self.store.user_by_email(&email.normalised()).await?;
                Ok(Page::of_one(user.filter(|user| roles.contains(&user.role))))
            }
            None => Ok(self.store.list_users(&roles, page.after, page.limit).await?),
        }
    }

    /// Creates the account of a program.
    pub async fn create_service_account(
        &self,
        new: NewServiceAccount,
        admin: Actor<'_>,
        now: Timestamp,
    ) -> Result<User, AccountError> {
        let user = User::service(UserId::new(now, clock::id_bytes()), new.name, new.role, now);
        self.store.create_service_account(&user, admin).await?;
        Ok(user)
    }

    /// Changes the name of the person's own account.
    pub async fn update_own(&self, owner: &Person, patch: &UserPatch, now: Timestamp) -> Result<User, AccountError> {
        let patched = |user: &User| user.patched(patch, now);
        let change = UserChange { author: Author::Owner(owner), change: &patched, event: None };
        let changed = self.store.change_user(owner.id, change).await?;
        Ok(changed.ok_or(AccountError::NotFound)?.user)
    }

    /// Changes a person's role. Their devices must sign in again to get the new permissions.
    pub async fn change_role(
        &self,
        id: UserId,
        role: Role,
        admin: Actor<'_>,
        now: Timestamp,
    ) -> Result<User, AccountError> {
        let change = |user: &User| user.with_role(role, now);
        self.change_permissions(id, admin, &change, AccountEventKind::RoleChanged, now).await
    }

    /// Deactivates an account. The person's tickets in progress go back into the ticket queue.
    pub async fn deactivate(&self, id: UserId, admin: Actor<'_>, now: Timestamp) -> Result<User, AccountError> {
        let change = |user: &User| user.deactivated(now);
        self.change_permissions(id, admin, &change, AccountEventKind::Deactivated, now).await
    }

    /// Changes the permissions of an account, with the event that triggers everything that follows,
    /// and ends its sessions. Writes nothing if nothing changes.
    async fn change_permissions(
        &self,
        id: UserId,
        admin: Actor<'_>,
        change: &(dyn Fn(&User) -> User + Sync),
        kind: fn(ChangedByAdmin) -> AccountEventKind,
        now: Timestamp,
    ) -> Result<User, AccountError> {
        if id == admin.person.id {
            return Err(AccountError::NotOnYourself);
        }
        let event = event_of(kind(ChangedByAdmin { user_id: id, actor: admin.person.clone() }), now);
        let with_event = |old: &User, new: &User| (old != new).then(|| event.clone());
        let change = UserChange { author: Author::Admin(admin), change, event: Some(&with_event) };
        let changed = self.store.change_user(id, change).await?.ok_or(AccountError::NotFound)?;
        if changed.changed {
            self.store.clear_sessions(id, now, None).await;
        }
        Ok(changed.user)
    }
}
