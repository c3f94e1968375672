//! Reading a ticket's log.

use std::collections::{BTreeSet, HashMap};

use domain::id::{TicketNumber, whole_number};
use domain::lifecycle::EventType;
use domain::log::{Field, LogEntry};

use super::condition::{is, is_not};
use super::item::{from_item, text};
use super::keys::{self, Item, Key, LOG_PREFIX};
use super::query::{Budget, KeyRange, LOG_CALLS_MAX};
use super::{Page, Store, StoreError};

/// The kinds of entries to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogKind {
    /// Only comments.
    Comments,
    /// Only entries that are not comments.
    Events,
    /// Both.
    All,
}

/// The order in which a log is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogOrder {
    /// Oldest first.
    OldestFirst,
    /// Newest first.
    NewestFirst,
}

impl Store {
    /// Returns the entries of a ticket's log with those sequence numbers, in order, as far as they
    /// exist. Returns them as stored: without the old texts that other entries hold.
    pub async fn log_entries(&self, ticket: TicketNumber, places: &[u64]) -> Result<Vec<LogEntry>, StoreError> {
        let items = self.batch_get(places.iter().map(|seq| Key::log(ticket, *seq)).collect()).await?;
        let mut entries = items.into_iter().map(from_item).collect::<Result<Vec<LogEntry>, _>>()?;
        entries.sort_unstable_by_key(|entry| entry.seq);
        Ok(entries)
    }

    /// Returns up to `limit` entries of a ticket's log.
    pub async fn log(
        &self,
        ticket: TicketNumber,
        kind: LogKind,
        order: LogOrder,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<LogEntry>, StoreError> {
        let range = KeyRange::of_table(keys::log_partition(ticket), LOG_PREFIX, order == LogOrder::OldestFirst);
        let commented = text(EventType::Commented.as_str());
        let filter = match kind {
            LogKind::Comments => vec![is("type", commented)],
            LogKind::Events => vec![is_not("type", commented)],
            LogKind::All => Vec::new(),
        };
        let start = after.map(|seq| whole_number(seq).ok_or(StoreError::InvalidPosition)).transpose()?;
        let start = start.map(|seq| Key::log(ticket, seq).to_item());
        let (items, next) = self.query(&range, &filter, start, limit, Budget::of_calls(LOG_CALLS_MAX)).await?;
        let mut page = Page::of_items(items, next, seq_of)?.read()?;
        self.fill_in(ticket, &mut page.items).await?;
        Ok(page)
    }

    /// Fills in the old texts that these entries were stored without. Takes each text from the one
    /// of these entries that holds it, or else from the table. If the entries are consecutive, at
    /// most one text of each of the two fields was introduced before them, so that takes one call
    /// for two entries.
    async fn fill_in(&self, ticket: TicketNumber, entries: &mut [LogEntry]) -> Result<(), StoreError> {
        let wanted: BTreeSet<(u64, Field)> =
            entries.iter().flat_map(LogEntry::omitted_texts).map(|(field, seq)| (seq, field)).collect();
        let there: BTreeSet<u64> = entries.iter().map(|entry| entry.seq).collect();
        let elsewhere: BTreeSet<u64> = wanted.iter().map(|(seq, _)| *seq).filter(|seq| !there.contains(seq)).collect();
        let keys = elsewhere.into_iter().map(|seq| Key::log(ticket, seq)).collect();
        let others: Vec<LogEntry> = self.batch_get(keys).await?.into_iter().map(from_item).collect::<Result<_, _>>()?;
        let mut texts: HashMap<(u64, Field), String> = HashMap::new();
        for entry in entries.iter().chain(&others) {
            for change in &entry.changes {
                let place = (entry.seq, change.field);
                texts.extend(change.new_text().filter(|_| wanted.contains(&place)).map(|text| (place, text.clone())));
            }
        }
        for entry in entries {
            entry.fill_in(|field, seq| texts.get(&(seq, field)).cloned());
        }
        Ok(())
    }
}

/// Returns the `seq` in an entry's sort key, as a cursor holds it.
fn seq_of(item: &Item) -> Option<String> {
    let seq: u64 = keys::after_prefix(item, LOG_PREFIX)?.parse().ok()?;
    Some(seq.to_string())
}
