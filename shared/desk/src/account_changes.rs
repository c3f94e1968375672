//! Changing accounts as admins ask: a name, another address, or a reactivation.

use domain::event::{AccountEvent, AccountEventKind, AccountId, ChangedByAdmin};
use domain::id::UserId;
use domain::limit::Limit;
use domain::permission::Actor;
use domain::time::Timestamp;
use domain::user::{EmailAddress, User, UserPatch};
use edges::config::{Config, name};
use edges::store::{Author, ChangedUser, UserChange};
use edges::{Fatal, limits};

use crate::email_changes::LinkToHandOn;
use crate::invitations::invited;
use crate::{AccountError, Desk, event_of};

/// Changes accounts on behalf of admins. Each of them may ask for a limited number of mails with
/// it.
#[derive(Clone, Debug)]
pub struct AccountChanges {
    desk: Desk,
    sends_mails: bool,
    limit: Limit,
}

impl AccountChanges {
    /// Creates the value from the deployment's configuration.
    ///
    /// # Errors
    /// Fails if variables are missing or invalid.
    pub fn configured(desk: Desk, config: &Config) -> Result<Self, Fatal> {
        let sends_mails = config.optional(name::SENDS_MAILS).is_some();
        Ok(Self { desk, sends_mails, limit: limits::mails_per_hour(config)? })
    }

    /// Changes the name of an account, asks for another address, or reactivates it. Returns the
    /// link that verifies another address if this deployment does not mail it.
    ///
    /// The mail that follows is counted against the admin's limit.
    pub async fn update(
        &self,
        id: UserId,
        patch: &UserPatch,
        admin: Actor<'_>,
        now: Timestamp,
    ) -> Result<(User, Option<LinkToHandOn>), AccountError> {
        // A name grants nothing, but the address is where the link to reset the password is sent.
        if id == admin.person.id && patch.email.is_some() {
            return Err(AccountError::NotOnYourself);
        }
        let update = Update::new(id, patch, admin, now);
        let asks = self.asks_for_mail(&update).await?;
        if asks {
            self.desk.store.spend(admin.person.id, self.limit, now).await?;
        }
        let changed = self.desk.update(&update).await;
        // Refused, or the account changed in the meantime.
        let is_mailed = changed.as_ref().is_ok_and(|changed| changed.event.as_ref().is_some_and(causes_mail));
        if asks && !is_mailed {
            self.desk.store.refund(admin.person.id, self.limit, now).await;
        }
        let ChangedUser { user, event, .. } = changed?;
        let asked = event.is_some_and(|event| matches!(event.kind, AccountEventKind::EmailChangeRequested(_)));
        // Where no mail is sent, the admin hands on the link.
        let by_hand = if asked && !self.sends_mails { self.desk.begin_verification(&user, now).await? } else { None };
        Ok((user, by_hand))
    }

    /// Returns whether a mail would follow from the update now. An update of a name alone reads
    /// nothing.
    async fn asks_for_mail(&self, update: &Update<'_>) -> Result<bool, AccountError> {
        if update.patch.email.is_none() && !update.patch.reactivates {
            return Ok(false);
        }
        let old = self.desk.user(update.id).await?;
        Ok(update.event(&old, &update.patched(&old)).is_some_and(|event| causes_mail(&event)))
    }
}

impl Desk {
    async fn update(&self, update: &Update<'_>) -> Result<ChangedUser, AccountError> {
        let (id, patch) = (update.id, update.patch);
        if patch.reactivates {
            self.end_tokens_of_inactive(id, update.now).await?;
        }
        let (patched, event) = (|user: &User| update.patched(user), |old: &User, new: &User| update.event(old, new));
        let change = UserChange { author: Author::Admin(update.admin), change: &patched, event: Some(&event) };
        let changed = self.store.change_user(id, change).await?.ok_or(AccountError::NotFound)?;
        // Such a patch changes nothing.
        if changed.user.is_service() && patch.email.is_some() {
            return Err(AccountError::NoAddress);
        }
        Ok(changed)
    }

    /// Removes the API tokens of an account that is inactive, before it is reactivated: the worker
    /// that removes them once an account was deactivated may not have come to it yet. No token is
    /// made while the account is inactive.
    async fn end_tokens_of_inactive(&self, id: UserId, now: Timestamp) -> Result<(), AccountError> {
        match self.store.user(id).await? {
            Some(user) if !user.active => Ok(self.store.end_tokens(id, now).await?),
            _ => Ok(()),
        }
    }
}

/// A patch of an account by an admin, and the events that can follow from it.
struct Update<'a> {
    id: UserId,
    patch: &'a UserPatch,
    admin: Actor<'a>,
    now: Timestamp,
    reactivated: AccountEvent,
    requested: AccountEvent,
    invited: AccountEvent,
}

impl<'a> Update<'a> {
    fn new(id: UserId, patch: &'a UserPatch, admin: Actor<'a>, now: Timestamp) -> Self {
        let actor = admin.person.clone();
        let reactivated = event_of(AccountEventKind::Reactivated(ChangedByAdmin { user_id: id, actor }), now);
        let requested = event_of(AccountEventKind::EmailChangeRequested(AccountId { user_id: id }), now);
        Self { id, patch, admin, now, reactivated, requested, invited: invited(id, now) }
    }

    fn patched(&self, user: &User) -> User {
        user.patched(self.patch, self.now)
    }

    fn event(&self, old: &User, new: &User) -> Option<AccountEvent> {
        let address_of = |user: &User| user.email.as_ref().map(EmailAddress::normalised);
        match () {
            // Nothing follows from a reactivation, so the event of another address goes first. The
            // same one again is mailed another link, and that of an inactive account is mailed its
            // first once the account is active.
            () if new.awaits_verification() && (self.patch.email.is_some() || !old.active) => {
                Some(self.requested.clone())
            }
            () if !old.active && new.active => Some(self.reactivated.clone()),
            // No one accepted with the old address, so another one is invited at once.
            () if new.is_invited() && address_of(old) != address_of(new) => Some(self.invited.clone()),
            () => None,
        }
    }
}

/// Returns whether a mail follows from the event.
const fn causes_mail(event: &AccountEvent) -> bool {
    matches!(event.kind, AccountEventKind::EmailChangeRequested(_) | AccountEventKind::Invited(_))
}
