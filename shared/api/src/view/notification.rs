//! Views of notifications and preferences.

use domain::id::EventId;
use domain::language::Language;
use domain::notification::{Channel, NotificationReason, Preferences};
use domain::time::Timestamp;
use edges::store::{Notification, NotificationEvent, Unread};
use serde::Serialize;
use serde_json::{Map, Value};

/// A notification in an inbox.
#[derive(Debug, Serialize)]
pub struct NotificationView {
    pub id: EventId,
    pub event: NotificationEvent,
    pub reason: NotificationReason,
    pub read_at: Option<Timestamp>,
}

impl From<Notification> for NotificationView {
    fn from(notification: Notification) -> Self {
        Self {
            id: notification.id,
            event: notification.event,
            reason: notification.reason,
            read_at: notification.read_at,
        }
    }
}

/// What a user is notified of, and over which channels.
#[derive(Debug, Serialize)]
pub struct PreferencesView {
    pub language: Language,
    pub inbox: Map<String, Value>,
    pub email: Map<String, Value>,
}

impl From<Preferences> for PreferencesView {
    fn from(preferences: Preferences) -> Self {
        Self {
            language: preferences.language,
            inbox: preferences.choices(Channel::Inbox),
            email: preferences.choices(Channel::Email),
        }
    }
}

/// The number of unread notifications.
#[derive(Debug, Serialize)]
pub struct UnreadView {
    pub count: usize,
    pub more: bool,
}

impl From<Unread> for UnreadView {
    fn from(unread: Unread) -> Self {
        Self { count: unread.count, more: unread.more }
    }
}
