//! Internal notes: a key range of their own, which no read of a ticket's log can reach.

use aws_sdk_dynamodb::types::{ConditionCheck, TransactWriteItem};
use domain::id::{NoteId, TicketNumber};
use domain::log::LogEntry;
use domain::ticket::Note;

use super::error::Cancelled;
use super::item::{number, to_item};
use super::keys::{self, Key, NOTE_PREFIX};
use super::query::{Filter, Stretch};
use super::{Answer, CommitError, LogKind, LogOrder, Page, ReplayKey, Store, StoreError};

/// An entry of a ticket's log, or a note between entries.
#[derive(Debug)]
pub enum LogOrNote {
    Entry(Box<LogEntry>),
    Note(Box<Note>),
}

impl Store {
    /// Writes a note and the answer to its author. If a version of the ticket is required, writes
    /// only if the ticket still has it.
    pub async fn write_note(
        &self,
        note: &Note,
        version: Option<u64>,
        kept: Option<(&ReplayKey, &Answer)>,
    ) -> Result<(), CommitError> {
        let mut item = to_item(note)?;
        item.extend(Key::note(note.ticket, note.id).to_item());
        let mut writes = vec![self.put_event(item)?];
        if let Some((key, answer)) = kept {
            writes.push(self.keeping(key, answer)?);
        }
        let version_place = writes.len();
        if let Some(version) = version {
            writes.push(self.checking_version(note.ticket, version)?);
        }
        match self.transact(writes).await {
            Ok(()) => Ok(()),
            Err(Cancelled::ConditionFailed(place)) if place == version_place => Err(CommitError::Conflict),
            Err(Cancelled::ConditionFailed(1)) => Err(CommitError::Replayed),
            Err(cancelled) => Err(StoreError::from(cancelled).into()),
        }
    }

    /// Returns the check that a ticket has that version.
    fn checking_version(&self, ticket: TicketNumber, version: u64) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(Key::head(ticket).to_item()))
            .condition_expression("seq = :version")
            .expression_attribute_values(":version", number(version))
            .build()
            .map_err(StoreError::corrupt)?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Returns up to `limit` notes on a ticket.
    pub async fn notes(
        &self,
        ticket: TicketNumber,
        order: LogOrder,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Note>, StoreError> {
        let stretch = Stretch::of_table(keys::log_partition(ticket), NOTE_PREFIX, order == LogOrder::OldestFirst);
        let start = after.map(|id| id.parse().map_err(|_| StoreError::InvalidPosition)).transpose()?;
        let start = start.map(|id: NoteId| Key::note(ticket, id).to_item());
        self.page(&stretch, &Filter::default(), start, limit, |item| keys::after_prefix(item, NOTE_PREFIX)).await
    }

    /// Returns up to `limit` entries and notes of a ticket in the order of their times. Reads the
    /// two ranges concurrently and merges them.
    pub async fn log_with_notes(
        &self,
        ticket: TicketNumber,
        order: LogOrder,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<LogOrNote>, StoreError> {
        let Position { entry: mut last_entry, note: mut last_note } = after.map_or(Ok(Position::default()), parsed)?;
        let (entries, notes) = tokio::try_join!(
            self.log(ticket, LogKind::All, order, last_entry.as_deref(), limit),
            self.notes(ticket, order, last_note.as_deref(), limit)
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
