//! The account audit, as admins read it.

use domain::audit::AuditRecord;
use domain::id::UserId;
use domain::time::Timestamp;
use edges::store::Page;

use crate::read::PageRequest;
use crate::{AccountError, Desk};

impl Desk {
    /// Lists what was done to accounts and webhooks, newest first.
    pub async fn audit(&self, now: Timestamp, page: PageRequest<'_>) -> Result<Page<AuditRecord>, AccountError> {
        Ok(self.store.audit(page.after, page.limit, now).await?)
    }

    /// Lists what was done to a person's account, newest first.
    pub async fn audit_of_user(&self, id: UserId, page: PageRequest<'_>) -> Result<Page<AuditRecord>, AccountError> {
        let user = self.user(id).await?;
        Ok(self.store.audit_of_user(user.id, page.after, page.limit).await?)
    }
}
