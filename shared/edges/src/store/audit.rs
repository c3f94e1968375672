//! The account audit: an entry for each change of an account or a webhook, in the transaction of
//! the change.

use domain::audit::{AuditAction, AuditEntry, AuditRecord, AuditSubject};
use domain::id::{EventId, UserId, WebhookId};
use domain::permission::Actor;
use domain::time::Timestamp;
use domain::user::Person;

use super::item::{Consistency, to_item};
use super::keys::{self, AUDIT_PREFIX, AuditPosition, BY_STATUS, Item, Key, Month};
use super::query::{Budget, KeyRange};
use super::transaction::Transaction;
use super::{Page, Store, StoreError};
use crate::clock;

/// Returns a new entry about a person's account.
pub(super) fn about_account(actor: Actor<'_>, subject: &Person, action: AuditAction, at: Timestamp) -> AuditEntry {
    AuditEntry::new(actor, AuditSubject::account(subject), action, at, clock::id_bytes())
}

/// Returns a new entry about a webhook.
pub(super) fn about_webhook(actor: Actor<'_>, id: WebhookId, action: AuditAction, at: Timestamp) -> AuditEntry {
    AuditEntry::new(actor, AuditSubject::Webhook { id }, action, at, clock::id_bytes())
}

impl<R> Transaction<R> {
    /// Puts an audit entry. Its id is random, so it cannot replace another entry.
    pub(super) fn audited(self, entry: &AuditEntry) -> Result<Self, StoreError> {
        let key = match entry.subject {
            AuditSubject::Account { id, .. } => Key::user_audit(id, entry.id),
            AuditSubject::Webhook { id } => Key::webhook_audit(id, entry.id),
        };
        let mut item = to_item(entry)?;
        item.extend(keys::audit_keys(&key, entry.id));
        Ok(self.put(item).unconditionally())
    }
}

impl Store {
    /// Returns up to `limit` audit entries about a user's account, newest first.
    pub async fn audit_of_user(
        &self,
        user: UserId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<AuditRecord>, StoreError> {
        let range = KeyRange::of_table(keys::user_partition(user), AUDIT_PREFIX, false);
        let start = after.map(|id| id.parse().map_err(|_| StoreError::InvalidPosition)).transpose()?;
        let start = start.map(|entry: EventId| Key::user_audit(user, entry).to_item());
        self.page(&range, &[], start, limit, |item| keys::after_prefix(item, AUDIT_PREFIX)).await
    }

    /// Returns up to `limit` audit entries, newest first, month by month, from the month of `now`
    /// back to the first that can have any. A page may end early before months without an entry.
    pub async fn audit(
        &self,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page<AuditRecord>, StoreError> {
        let position = |item: &Item| AuditPosition::after(item).map(|position| position.to_string());
        let from = match after {
            Some(text) => AuditPosition::parse(text).ok_or(StoreError::InvalidPosition)?,
            None => AuditPosition::At(Month::of(now)),
        };
        let (mut start, mut next) = (from.start(), Some(from.month()));
        let (mut items, mut budget): (Vec<Item>, _) = (Vec::new(), Budget::default());
        while let Some(month) = next.filter(|month| *month >= Month::AUDIT_BEGAN) {
            if budget.is_spent() {
                let mut page = Page::of_items(items, None, position)?;
                page.next = Some(AuditPosition::At(month).to_string());
                return page.read();
            }
            let range = KeyRange {
                index: Some(BY_STATUS),
                hash: month.audit_key(),
                prefix: "".into(),
                from: None,
                to: None,
                ascending: false,
                consistency: Consistency::Eventual,
            };
            let wanted = limit + 1 - items.len();
            let (found, unread) = self.read(&range, &[], start.take(), wanted, &mut budget).await?;
            items.extend(found);
            if items.len() > limit {
                items.truncate(limit);
                let last = items.last().cloned();
                return Page::of_items(items, last, position)?.read();
            }
            if unread.is_some() {
                return Page::of_items(items, unread, position)?.read();
            }
            next = month.previous();
        }
        Page::of_items(items, None, position)?.read()
    }
}
