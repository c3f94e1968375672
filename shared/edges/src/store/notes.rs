//! Internal notes: a key range of their own, which no read of a ticket's log can reach.

use domain::id::{NoteId, TicketNumber};
use domain::log::LogEntry;
use domain::ticket::{Head, Note};

use super::condition::{absent, is};
use super::item::{item_at, number, traced};
use super::keys::{self, Key, NOTE_PREFIX};
use super::query::KeyRange;
use super::transaction::Transaction;
use super::{CommitError, IdempotencyKey, LogKind, LogOrder, Page, Store, StoreError, StoredResponse};

/// An entry of a ticket's log, or a note between entries.
#[derive(Debug)]
pub enum LogOrNote {
    Entry(Box<LogEntry>),
    Note(Box<Note>),
}

/// The conditions on which a note is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoteConditions<'a> {
    /// The version that the ticket is required to have, if any.
    pub version: Option<u64>,
    /// The response to store under the idempotency key, if there is one.
    pub stored: Option<(&'a IdempotencyKey, &'a StoredResponse)>,
}

impl Store {
    /// Writes a note and the response to its author. If a version of the ticket is required, writes
    /// only if the ticket still has it. A note alone is no transaction, which would cost twice as
    /// much.
    pub async fn write_note(&self, note: &Note, conditions: NoteConditions<'_>) -> Result<(), CommitError> {
        let item = traced(item_at(&Key::note(note.ticket, note.id), note)?);
        if conditions.version.is_none() && conditions.stored.is_none() {
            return Ok(self.put_new(item).await?);
        }
        let taken = StoreError::corrupt(format!("there is a note {} already", note.id));
        let note_put = Transaction::new().put(item).when(absent()).or(taken.into());
        let mut transaction = note_put.store_response(conditions.stored)?;
        if let Some(version) = conditions.version {
            let check = transaction.check(Key::head(note.ticket)).when(is("seq", number(version)));
            transaction = check.or(CommitError::Conflict);
        }
        transaction.commit(self).await?
    }

    /// Returns up to `limit` notes on a ticket.
    pub async fn notes(
        &self,
        ticket: TicketNumber,
        order: LogOrder,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Note>, StoreError> {
        let range = KeyRange::of_table(keys::log_partition(ticket), NOTE_PREFIX, order == LogOrder::OldestFirst);
        let start = after.map(|id| id.parse().map_err(|_| StoreError::InvalidPosition)).transpose()?;
        let start = start.map(|id: NoteId| Key::note(ticket, id).to_item());
        self.page(&range, &[], start, limit, |item| keys::after_prefix(item, NOTE_PREFIX)).await
    }

    /// Returns up to `limit` entries and notes of a ticket in the order of their times. Reads the
    /// two ranges concurrently and merges them.
    pub async fn log_with_notes(
        &self,
        head: &Head,
        order: LogOrder,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<LogOrNote>, StoreError> {
        let Position { entry: mut last_entry, note: mut last_note } = after.map_or(Ok(Position::default()), parsed)?;
        let (entries, notes) = tokio::try_join!(
            self.log(head, LogKind::All, order, last_entry.as_deref(), limit),
            self.notes(head.number, order, last_note.as_deref(), limit)
        )?;
        let more_of_either = entries.next.is_some() || notes.next.is_some();
        let (mut entries, mut notes) = (entries.items.into_iter().peekable(), notes.items.into_iter().peekable());
        let mut items = Vec::with_capacity(limit);
        while items.len() < limit {
            let entry_first = match (entries.peek(), notes.peek()) {
                (Some(entry), Some(note)) => comes_first(entry, note, order),
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            let item = if entry_first {
                let entry = entries.next();
                last_entry = entry.as_ref().map(|entry| entry.seq.to_string()).or(last_entry);
                entry.map(|entry| LogOrNote::Entry(Box::new(entry)))
            } else {
                let note = notes.next();
                last_note = note.as_ref().map(|note| note.id.to_string()).or(last_note);
                note.map(|note| LogOrNote::Note(Box::new(note)))
            };
            items.extend(item.map(|item| (item, position(last_entry.as_deref(), last_note.as_deref()))));
        }
        let more = more_of_either || entries.peek().is_some() || notes.peek().is_some();
        Ok(Page::of(items, more.then(|| position(last_entry.as_deref(), last_note.as_deref()))))
    }
}

/// Returns whether an entry comes before a note. If their times are equal, the entry counts as the
/// older.
fn comes_first(entry: &LogEntry, note: &Note, order: LogOrder) -> bool {
    match order {
        LogOrder::OldestFirst => entry.at <= note.created_at,
        LogOrder::NewestFirst => entry.at > note.created_at,
    }
}

/// The position in a merged list: after an entry and after a note.
#[derive(Default)]
struct Position {
    entry: Option<String>,
    note: Option<String>,
}

/// Formats a position, as [`parsed`] reads it.
fn position(entry: Option<&str>, note: Option<&str>) -> String {
    format!("{}/{}", entry.unwrap_or_default(), note.unwrap_or_default())
}

fn parsed(position: &str) -> Result<Position, StoreError> {
    let (entry, note) = position.split_once('/').ok_or(StoreError::InvalidPosition)?;
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Ok(Position { entry: given(entry), note: given(note) })
}
