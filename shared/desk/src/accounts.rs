//! Accounts, as admins and their owners see and change them, and the devices they are signed in on.

use domain::event::{AccountEvent, AccountEventKind, ChangedByAdmin};
use domain::id::{EventId, SessionId, UserId};
use domain::permission::DeskAction;
use domain::time::Timestamp;
use domain::user::{EmailAddress, Person, Registration, Role, User, UserPatch};
use edges::auth::password;
use edges::clock;
use edges::store::{AccountChange, Author, ChangeUserError, Page, Session, StoreError, UserChange};

use crate::Desk;
use crate::read::Part;

/// The reason why a request about an account failed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The account or session does not exist.
    #[error("no such account")]
    NotFound,
    /// The person may not do this. Holds who may.
    #[error("{0}")]
    Forbidden(String),
    /// A person may not do this to their own account.
    #[error("not allowed on the caller's own account")]
    NotOnYourself,
    /// The write refused the change.
    #[error(transparent)]
    Refused(#[from] ChangeUserError),
    /// The password cannot be hashed.
    #[error("the password cannot be hashed: {0}")]
    Unhashable(String),
    /// The table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Desk {
    /// Creates an admin. This is also how the first admin is created.
    pub async fn create_admin(&self, registration: Registration, now: Timestamp) -> Result<User, AccountError> {
        let Registration { name, email, password } = registration;
        let user = User::register(UserId::new(now, clock::id_bytes()), name, email, Role::Admin, now);
        let hash = password::hash(&password).map_err(|error| AccountError::Unhashable(error.to_string()))?;
        self.store.register(&user, hash).await?;
        Ok(user)
    }

    /// Reads an account.
    pub async fn user(&self, id: UserId) -> Result<User, AccountError> {
        self.store.user(id).await?.ok_or(AccountError::NotFound)
    }

    /// Lists accounts: all accounts, those of one role, or the one with an address.
    pub async fn list_users(
        &self,
        role: Option<Role>,
        email: Option<EmailAddress>,
        actor: &Person,
        part: Part<'_>,
    ) -> Result<Page<User>, AccountError> {
        let action = match role {
            _ if email.is_some() => DeskAction::SeeUser,
            Some(Role::Technician) => DeskAction::ListTechnicians,
            _ => DeskAction::ListUsers,
        };
        if !actor.may(action) {
            return Err(AccountError::Forbidden(action.refusal(actor.role)));
        }
        let roles = role.map_or_else(|| Role::ALL.to_vec(), |role| vec![role]);
        match email {
            Some(email) => {
                let user = self.store.user_of(&email.normalised()).await?;
                Ok(Page::of_one(user.filter(|user| roles.contains(&user.role))))
            }
            None => Ok(self.store.list_users(&roles, part.after, part.limit).await?),
        }
    }

    /// Changes the name or the address of an account, or reactivates it.
    pub async fn update_user(
        &self,
        id: UserId,
        patch: &UserPatch,
        admin: Person,
        now: Timestamp,
    ) -> Result<User, AccountError> {
        // A name grants nothing, but the address is where the link to reset the password is sent.
        if id == admin.id && patch.email.is_some() {
            return Err(AccountError::NotOnYourself);
        }
        let author = Author::Admin(admin.id);
        let patched = |user: &User| user.patched(patch, now);
        let event = AccountEvent {
            id: EventId::new(now, clock::id_bytes()),
            at: now,
            kind: AccountEventKind::Reactivated(ChangedByAdmin { user_id: id, actor: admin }),
        };
        let reactivated = |old: &User, new: &User| (!old.active && new.active).then(|| event.clone());
        let changed =
            self.store.change_user(id, UserChange { author, change: &patched, event: Some(&reactivated) }).await?;
        Ok(changed.ok_or(AccountError::NotFound)?.user)
    }

    /// Changes the name of the person's own account.
    pub async fn update_own(&self, id: UserId, patch: &UserPatch, now: Timestamp) -> Result<User, AccountError> {
        let patched = |user: &User| user.patched(patch, now);
        let change = UserChange { author: Author::Owner, change: &patched, event: None };
        let changed = self.store.change_user(id, change).await?;
        Ok(changed.ok_or(AccountError::NotFound)?.user)
    }

    /// Changes a person's role. Their devices must sign in again to get the new permissions.
    pub async fn change_role(
        &self,
        id: UserId,
        role: Role,
        admin: Person,
        now: Timestamp,
    ) -> Result<User, AccountError> {
        self.end_rights(id, AccountChange::Role { role, actor: admin.clone() }, &admin, now).await
    }

    /// Deactivates an account. The person's tickets in progress go back into the queue.
    pub async fn deactivate(&self, id: UserId, admin: Person, now: Timestamp) -> Result<User, AccountError> {
        self.end_rights(id, AccountChange::Deactivate { actor: admin.clone() }, &admin, now).await
    }

    async fn end_rights(
        &self,
        id: UserId,
        change: AccountChange,
        admin: &Person,
        now: Timestamp,
    ) -> Result<User, AccountError> {
        if id == admin.id {
            return Err(AccountError::NotOnYourself);
        }
        self.store.end_rights(id, change, now).await?.ok_or(AccountError::NotFound)
    }

    /// Lists the devices a person is signed in on.
    pub async fn sessions(&self, owner: UserId, now: Timestamp, part: Part<'_>) -> Result<Page<Session>, AccountError> {
        Ok(self.store.sessions(owner, now, part.after, part.limit).await?)
    }

    /// Signs a device out. It gets no more access tokens.
    pub async fn end_session(&self, owner: UserId, id: SessionId) -> Result<(), AccountError> {
        if self.store.end_session_of(owner, id).await? { Ok(()) } else { Err(AccountError::NotFound) }
    }
}
