//! A person's notifications, and their preferences for them.

use domain::id::{EventId, UserId};
use domain::notification::Preferences;
use domain::time::Timestamp;
use domain::user::Person;
use edges::auth::UnsubscribeToken;
use edges::store::{Notification, Page, StoreError, Unread};

use crate::Desk;
use crate::read::PageRequest;

/// The reason why a request about notifications failed.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// The inbox has no such notification.
    #[error("no such notification")]
    NotFound,
    /// The account is not active.
    #[error("the account is not active")]
    Inactive,
    /// The table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Desk {
    /// Lists the notifications of an inbox, or only the unread ones, newest first.
    pub async fn notifications(
        &self,
        reader: &Person,
        unread_only: bool,
        now: Timestamp,
        page: PageRequest<'_>,
    ) -> Result<Page<Notification>, InboxError> {
        Ok(self.store.inbox(reader, unread_only, now, page.after, page.limit).await?)
    }

    /// Counts the unread notifications of an inbox.
    pub async fn unread_notifications(&self, reader: &Person, now: Timestamp) -> Result<Unread, InboxError> {
        Ok(self.store.unread(reader, now).await?)
    }

    /// Marks a notification as read. If it was already read, keeps the earlier time.
    pub async fn mark_notification_read(&self, reader: &Person, id: EventId, now: Timestamp) -> Result<(), InboxError> {
        if self.store.mark_read(reader, id, now).await? { Ok(()) } else { Err(InboxError::NotFound) }
    }

    /// Marks a whole inbox as read.
    pub async fn mark_inbox_read(&self, reader: UserId, now: Timestamp) -> Result<(), InboxError> {
        Ok(self.store.mark_all_read(reader, now).await?)
    }

    /// Returns a person's preferences, or the defaults if they chose none.
    pub async fn preferences(&self, owner: UserId) -> Result<Preferences, InboxError> {
        Ok(self.store.preferences(owner).await?)
    }

    /// Replaces a person's preferences, and returns those that apply now. A person who unsubscribed
    /// from all mails gets some again only if the preferences name which.
    pub async fn replace_preferences(
        &self,
        owner: UserId,
        chosen: &Preferences,
        names_mails: bool,
    ) -> Result<Preferences, InboxError> {
        if !self.store.choose(owner, chosen, names_mails).await? {
            return Err(InboxError::Inactive);
        }
        self.preferences(owner).await
    }

    /// Unsubscribes the holder of a token from all mails. A token that is not valid has no effect,
    /// and the result does not reveal it.
    pub async fn unsubscribe(&self, token: &UnsubscribeToken) -> Result<(), InboxError> {
        self.store.unsubscribe(token.user_id, &token.key).await?;
        Ok(())
    }
}
