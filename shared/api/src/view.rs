//! What the API shows, field by field: nothing of ours reaches a caller by being stored.

use domain::id::{EventId, NoteId, SessionId, TicketNumber, UserId, WebhookId};
use domain::lifecycle::{EventType, Status};
use domain::log::{Field, FieldChange, FieldValue, Hash, LogEntry};
use domain::notification::{Channel, Language, NotificationReason, Preferences};
use domain::text::{
    Category, CommentBody, Description, NoteBody, PersonName, Reason, Resolution, Tag, Title, WebhookDescription,
};
use domain::ticket::{Head, Note, Priority, Ticket, Verification};
use domain::time::Timestamp;
use domain::user::{EmailAddress, Person, Role, User};
use domain::webhook::{Attempt, Delivery, DeliveryState, DisabledBecause, Webhook, WebhookUrl};
use edges::store::{LogOrNote, Notification, NotificationEvent, Session, Unread, Verified};
use edges::webhook::secret_text;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::Problem;

/// An account.
#[derive(Debug, Serialize)]
pub struct UserView {
    pub id: UserId,
    pub name: PersonName,
    pub email: EmailAddress,
    pub role: Role,
    pub active: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            name: user.name,
            email: user.email,
            role: user.role,
            active: user.active,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

/// A device signed in.
#[derive(Debug, Serialize)]
pub struct SessionView {
    pub id: SessionId,
    pub created_at: Timestamp,
    pub used_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub current: bool,
}

impl SessionView {
    /// The session as seen from `current`.
    #[must_use]
    pub fn of(session: &Session, current: SessionId) -> Self {
        Self {
            id: session.id,
            created_at: session.created_at,
            used_at: session.used_at,
            expires_at: Timestamp::from_unix_milliseconds(session.expires_at.saturating_mul(1_000)),
            current: session.id == current,
        }
    }
}

/// Tokens, as RFC 6749 §5.1 has them.
#[derive(Serialize)]
pub struct TokensView {
    pub access_token: String,
    pub token_type: &'static str,
    pub expires_in: i64,
    pub refresh_token: String,
}

impl TokensView {
    /// An access token and the refresh token that gets the next.
    #[must_use]
    pub fn bearer(access_token: String, refresh_token: String) -> Self {
        Self {
            access_token,
            token_type: "Bearer",
            expires_in: edges::auth::access::ACCESS_TOKEN_SECONDS,
            refresh_token,
        }
    }
}

/// A ticket as lists show it: without its long texts.
#[derive(Debug, Serialize)]
pub struct HeadView {
    pub number: TicketNumber,
    pub title: Title,
    pub status: Status,
    pub priority: Priority,
    pub category: Option<Category>,
    pub tags: Vec<Tag>,
    pub requester: Person,
    pub assignee: Option<Person>,
    pub follow_up_of: Option<TicketNumber>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub version: u64,
    pub allowed_actions: Vec<&'static str>,
}

impl HeadView {
    /// The ticket as this person sees it.
    #[must_use]
    pub fn of(head: Head, actor: &Person) -> Self {
        Self {
            allowed_actions: head.allowed_actions(actor),
            number: head.number,
            title: head.title,
            status: head.status,
            priority: head.priority,
            category: head.category,
            tags: head.tags,
            requester: head.requester,
            assignee: head.assignee,
            follow_up_of: head.follow_up_of,
            created_at: head.created_at,
            updated_at: head.updated_at,
            resolved_at: head.resolved_at,
            closed_at: head.closed_at,
            version: head.seq,
        }
    }
}

/// A ticket.
#[derive(Debug, Serialize)]
pub struct TicketView {
    #[serde(flatten)]
    pub head: HeadView,
    pub description: Description,
    pub resolution: Option<Resolution>,
}

impl TicketView {
    /// The ticket as this person sees it.
    #[must_use]
    pub fn of(ticket: Ticket, actor: &Person) -> Self {
        Self { head: HeadView::of(ticket.head, actor), description: ticket.description, resolution: ticket.resolution }
    }
}

/// A public comment.
#[derive(Debug, Serialize)]
pub struct CommentView {
    pub id: EventId,
    pub seq: u64,
    pub ticket: TicketNumber,
    pub author: Person,
    pub body: Option<CommentBody>,
    pub created_at: Timestamp,
}

impl From<LogEntry> for CommentView {
    fn from(entry: LogEntry) -> Self {
        Self {
            id: entry.id,
            seq: entry.seq,
            ticket: entry.ticket,
            author: entry.actor,
            body: entry.body,
            created_at: entry.at,
        }
    }
}

/// A note of staff.
#[derive(Debug, Serialize)]
pub struct NoteView {
    pub id: NoteId,
    pub ticket: TicketNumber,
    pub author: Person,
    pub body: NoteBody,
    pub created_at: Timestamp,
}

impl From<Note> for NoteView {
    fn from(note: Note) -> Self {
        Self { id: note.id, ticket: note.ticket, author: note.author, body: note.body, created_at: note.created_at }
    }
}

/// A field that an event changed.
#[derive(Debug, Serialize)]
pub struct ChangeView {
    pub field: Field,
    pub old: Option<FieldValue>,
    pub new: Option<FieldValue>,
}

impl From<FieldChange> for ChangeView {
    fn from(change: FieldChange) -> Self {
        Self { field: change.field, old: change.old, new: change.new }
    }
}

/// Something that happened to a ticket.
#[derive(Debug, Serialize)]
pub struct EventView {
    pub id: EventId,
    pub seq: u64,
    pub ticket: TicketNumber,
    #[serde(rename = "type")]
    pub event_type: EventType,
    pub actor: Person,
    pub from_status: Option<Status>,
    pub to_status: Option<Status>,
    pub changes: Vec<ChangeView>,
    pub reason: Option<Reason>,
    pub at: Timestamp,
    pub hash: Hash,
}

impl From<LogEntry> for EventView {
    fn from(entry: LogEntry) -> Self {
        Self {
            id: entry.id,
            seq: entry.seq,
            ticket: entry.ticket,
            event_type: entry.event_type,
            actor: entry.actor,
            from_status: entry.from_status,
            to_status: entry.to_status,
            changes: entry.changes.into_iter().map(ChangeView::from).collect(),
            reason: entry.reason,
            at: entry.at,
            hash: entry.hash,
        }
    }
}

/// What came of verifying a ticket; or of a part of it, if there was no time for all.
#[derive(Debug, Serialize)]
pub struct VerificationView {
    pub intact: Option<bool>,
    pub entries: u64,
    pub head_hash: Hash,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_broken_seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl VerificationView {
    /// Shows what came of verifying. A part shows where to go on.
    pub fn of(verified: Verified) -> Result<Self, Problem> {
        match verified {
            Verified::Whole(whole) => Ok(Self {
                intact: Some(whole.intact),
                entries: whole.entries,
                head_hash: whole.head_hash,
                first_broken_seq: whole.first_broken_seq,
                next_cursor: None,
            }),
            Verified::Part { so_far, head_hash } => Ok(Self {
                intact: so_far.first_broken_seq().map(|_broken| false),
                entries: so_far.entries(),
                head_hash,
                first_broken_seq: so_far.first_broken_seq(),
                next_cursor: Some(so_far.written()?),
            }),
        }
    }
}

/// An entry of a ticket's timeline.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TimelineItem {
    /// An event.
    Event(EventView),
    /// A comment.
    Comment(CommentView),
    /// A note of staff.
    Note(NoteView),
}

impl From<LogOrNote> for TimelineItem {
    fn from(item: LogOrNote) -> Self {
        match item {
            LogOrNote::Entry(entry) if entry.is_comment() => Self::Comment((*entry).into()),
            LogOrNote::Entry(entry) => Self::Event((*entry).into()),
            LogOrNote::Note(note) => Self::Note((*note).into()),
        }
    }
}

/// What somebody was told.
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

/// What somebody is told of, over which channel.
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

/// How much is unread.
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

/// A webhook, without its secret.
#[derive(Debug, Serialize)]
pub struct WebhookView {
    pub id: WebhookId,
    pub url: WebhookUrl,
    pub events: Vec<EventType>,
    pub description: Option<WebhookDescription>,
    pub enabled: bool,
    pub disabled_because: Option<DisabledBecause>,
    pub failing_since: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl From<Webhook> for WebhookView {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id,
            url: webhook.url,
            events: webhook.events.into_iter().collect(),
            description: webhook.description,
            enabled: webhook.disabled.is_none(),
            disabled_because: webhook.disabled,
            failing_since: webhook.failing_since,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

/// A webhook with its secret, as it is shown once.
#[derive(Debug, Serialize)]
pub struct WebhookSecretView {
    #[serde(flatten)]
    pub webhook: WebhookView,
    pub secret: String,
}

impl From<Webhook> for WebhookSecretView {
    fn from(webhook: Webhook) -> Self {
        let secret = secret_text(&webhook.secret);
        Self { webhook: webhook.into(), secret }
    }
}

/// An event on its way to a webhook.
#[derive(Debug, Serialize)]
pub struct DeliveryView {
    pub id: EventId,
    #[serde(rename = "type")]
    pub event_type: String,
    pub state: DeliveryState,
    pub attempts: Vec<Attempt>,
    pub next_attempt_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.event_id,
            event_type: delivery.event_type,
            state: delivery.state,
            attempts: delivery.attempts,
            next_attempt_at: delivery.due_at,
            created_at: delivery.created_at,
        }
    }
}
