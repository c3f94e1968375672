//! Views of a ticket's timeline: events, comments and notes.

use domain::id::{EventId, NoteId, TicketNumber};
use domain::lifecycle::{EventType, Status};
use domain::log::{Field, FieldChange, FieldValue, Hash, LogEntry};
use domain::text::{CommentBody, NoteBody, Reason};
use domain::ticket::Note;
use domain::time::Timestamp;
use domain::user::Person;
use edges::store::LogOrNote;
use serde::Serialize;

/// A public comment.
#[derive(Debug, Serialize)]
pub struct CommentView {
    pub id: EventId,
    pub seq: u64,
    pub ticket: TicketNumber,
    pub author: Person,
    pub via: Option<Person>,
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
            via: entry.via,
            body: entry.body,
            created_at: entry.at,
        }
    }
}

/// A staff note.
#[derive(Debug, Serialize)]
pub struct NoteView {
    pub id: NoteId,
    pub ticket: TicketNumber,
    pub author: Person,
    pub via: Option<Person>,
    pub body: NoteBody,
    pub created_at: Timestamp,
}

impl From<Note> for NoteView {
    fn from(note: Note) -> Self {
        let Note { id, ticket, author, via, body, created_at } = note;
        Self { id, ticket, author, via, body, created_at }
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

/// An event of a ticket.
#[derive(Debug, Serialize)]
pub struct EventView {
    pub id: EventId,
    pub seq: u64,
    pub ticket: TicketNumber,
    #[serde(rename = "type")]
    pub event_type: EventType,
    pub actor: Person,
    pub via: Option<Person>,
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
            via: entry.via,
            from_status: entry.from_status,
            to_status: entry.to_status,
            changes: entry.changes.into_iter().map(ChangeView::from).collect(),
            reason: entry.reason,
            at: entry.at,
            hash: entry.hash,
        }
    }
}

/// An entry of a ticket's timeline.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TimelineItem {
    Event(EventView),
    Comment(CommentView),
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
