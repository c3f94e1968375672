//! Notifies technicians of a new ticket: together in the inbox, and by mail if it is urgent.

use domain::id::UserId;
use domain::notification::{NotificationReason, should_mail_technicians};
use domain::user::Role;
use edges::clock;
use edges::queue::OutgoingMessage;
use edges::store::Page;

use super::{Notice, Notifier, NotifyError};
use crate::record_notified;

/// The largest number of technicians who are mailed about an urgent ticket. The oldest accounts
/// come first. Twenty reads of fifty each take some two seconds of the notifier's ten.
const MAILED_MAX: usize = 1_000;
/// The number of technicians read together. With their preferences, they are a hundred keys
/// (DynamoDB API reference, `BatchGetItem`).
const TECHNICIANS_PER_PAGE: usize = 50;

impl Notifier {
    /// Notifies all technicians of a new ticket, except those in `except`. Mails them if the ticket
    /// is urgent and within the limit of its hour.
    pub(super) async fn notify_technicians(&self, notice: &Notice<'_>, except: &[UserId]) -> Result<(), NotifyError> {
        let mailed =
            if should_mail_technicians(&notice.head) { self.mail_technicians(notice, except).await } else { Ok(()) };
        NotifyError::first_of(self.notify_technicians_together(notice, except).await, mailed)
    }

    async fn notify_technicians_together(&self, notice: &Notice<'_>, except: &[UserId]) -> Result<(), NotifyError> {
        let trigger = &notice.trigger;
        let notification = notice.notification(NotificationReason::NewTicket);
        if self.store.notify_technicians(trigger.id, &notification, except, clock::now).await?.is_some() {
            record_notified("inbox", trigger.id, Some(trigger.at));
        }
        Ok(())
    }

    async fn mail_technicians(&self, notice: &Notice<'_>, except: &[UserId]) -> Result<(), NotifyError> {
        let trigger = &notice.trigger;
        if !self.store.reserve_urgent_mail(trigger.ticket, trigger.owner(), trigger.at).await? {
            tracing::info!(event_id = %trigger.id, "technicians not mailed");
            return Ok(());
        }
        let (mut after, mut checked, mut mailed) = (None, 0, Ok(()));
        loop {
            let page: Page<_> =
                self.store.list_users(&[Role::Technician], after.as_deref(), TECHNICIANS_PER_PAGE).await?;
            let ids: Vec<UserId> = page.items.iter().map(|user| user.id).filter(|id| !except.contains(id)).collect();
            let mails = self.mails_wanted(notice, &ids).await?;
            // A mail that the queue can never accept must not prevent the mails to technicians on
            // later pages.
            match self.channels.email.send_all(&mails).await.map_err(NotifyError::from) {
                Err(error) if !error.is_final() => return Err(error),
                sent => mailed = NotifyError::first_of(mailed, sent),
            }
            checked += page.items.len();
            after = page.next;
            if after.is_none() || checked >= MAILED_MAX {
                return mailed;
            }
        }
    }

    /// Returns the requests for mails to those technicians who may be notified and want a mail.
    async fn mails_wanted(
        &self,
        notice: &Notice<'_>,
        technicians: &[UserId],
    ) -> Result<Vec<OutgoingMessage>, NotifyError> {
        let reason = NotificationReason::NewTicket;
        let subscribers = self.store.subscribers(technicians).await?;
        let wanting = subscribers
            .iter()
            .filter(|subscriber| notice.may_reach(&subscriber.user, reason) && notice.is_mailed_to(subscriber));
        Ok(wanting.map(|subscriber| notice.mail(subscriber.user.id, reason)).collect())
    }
}
