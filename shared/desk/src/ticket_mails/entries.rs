//! Reads what the mail about an event quotes from the ticket's log.

use domain::event::TicketEvent;
use domain::lifecycle::EventType;
use domain::log::{DeskReason, Field, FieldValue, LogEntry};
use domain::notification::{Channel, NotificationType, Preferences};
use edges::mail::QuotedText;
use edges::store::{Store, StoreError};

/// The log's information about an event.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// The text that came with the event.
    pub(super) quoted: Option<QuotedText>,
    /// Whether the event is one of the two events of a comment that reopened the ticket.
    pub(super) reopened_by_comment: bool,
}

impl Entries {
    /// Reads the event's log entry, and the adjacent one if both may describe one action.
    pub(super) async fn of(
        store: &Store,
        TicketEvent { event_type, data, .. }: &TicketEvent,
    ) -> Result<Self, StoreError> {
        let places = match event_type {
            EventType::Commented => vec![data.seq, data.seq + 1],
            EventType::Reopened => vec![data.seq - 1, data.seq],
            _ => vec![data.seq],
        };
        let entries = store.log_entries(data.ticket, &places).await?;
        if let [comment, reopening] = entries.as_slice()
            && reopening.is_reopening_by(comment)
        {
            return Ok(Self { quoted: quoted(comment), reopened_by_comment: true });
        }
        let own = entries.iter().find(|entry| entry.seq == data.seq);
        Ok(Self { quoted: own.and_then(quoted), reopened_by_comment: false })
    }

    /// Returns whether the recipient wants a mail about the event. A comment that reopens the
    /// ticket is two events but is mailed once: as the comment, or as the reopening for recipients
    /// who get no mails about comments.
    pub(super) fn is_wanted(&self, notification_type: NotificationType, preferences: &Preferences) -> bool {
        let wants = |notification_type| preferences.want(notification_type, Channel::Email);
        let is_mailed_already = self.reopened_by_comment
            && notification_type == NotificationType::Log(EventType::Reopened)
            && wants(NotificationType::Log(EventType::Commented));
        wants(notification_type) && !is_mailed_already
    }
}

/// Returns the text of an entry: a comment, a resolution, or a reason.
fn quoted(entry: &LogEntry) -> Option<QuotedText> {
    if let Some(reason) = DeskReason::of(entry) {
        return Some(QuotedText::ByDesk(reason));
    }
    let comment = entry.body.as_ref().map(|body| body.as_str().to_owned());
    let reason = || entry.reason.as_ref().map(|reason| reason.as_str().to_owned());
    comment.or_else(|| resolution_in(entry)).or_else(reason).map(QuotedText::ByPerson)
}

fn resolution_in(entry: &LogEntry) -> Option<String> {
    let change = entry.changes.iter().find(|change| change.field == Field::Resolution)?;
    match &change.new {
        Some(FieldValue::Text(text)) => Some(text.clone()),
        _ => None,
    }
}
