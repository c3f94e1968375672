//! Reading a ticket's log.
//!
//! An entry never changes once it is written, and the entries of a log are numbered without gaps.
//! So the head, which is read with strong consistency, says exactly which entries there are, and an
//! eventually consistent read, at half the price, either returns all of them or shows that it did
//! not. In the second case, which is rare because replicas usually have a write within a second,
//! the read is repeated with strong consistency (DynamoDB developer guide, "Read consistency").

use std::collections::{BTreeSet, HashMap};
use std::ops::RangeInclusive;

use domain::id::{TicketNumber, whole_number};
use domain::lifecycle::EventType;
use domain::log::{Field, LogEntry};
use domain::ticket::Head;

use super::condition::{Condition, is, is_not};
use super::item::{Consistency, from_item, text};
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

impl LogKind {
    /// Returns the filter with which DynamoDB skips entries of the other kind.
    fn filter(self) -> Vec<Condition> {
        let commented = text(EventType::Commented.as_str());
        match self {
            Self::Comments => vec![is("type", commented)],
            Self::Events => vec![is_not("type", commented)],
            Self::All => Vec::new(),
        }
    }

    /// Returns whether the entry of that item is of this kind.
    fn includes(self, item: &Item) -> bool {
        let is_comment = item.get("type") == Some(&text(EventType::Commented.as_str()));
        match self {
            Self::Comments => is_comment,
            Self::Events => !is_comment,
            Self::All => true,
        }
    }
}

/// The maximum number of entries that are read without DynamoDB's filter to find those of one kind:
/// as many as the largest page has. Beyond it, too much could be transferred that no one asked for.
const SKIPPED_MAX: u64 = 100;

impl Store {
    /// Returns the entries of a ticket's log with those sequence numbers, in order, as far as they
    /// exist. Returns them as stored: without the old texts that other entries hold.
    pub async fn log_entries(&self, ticket: TicketNumber, places: &[u64]) -> Result<Vec<LogEntry>, StoreError> {
        let items = self.batch_get(places.iter().map(|seq| Key::log(ticket, *seq)).collect()).await?;
        let mut entries = items.into_iter().map(from_item).collect::<Result<Vec<LogEntry>, _>>()?;
        entries.sort_unstable_by_key(|entry| entry.seq);
        Ok(entries)
    }

    /// Returns up to `limit` entries of a ticket's log, of those that the head knows of.
    pub async fn log(
        &self,
        head: &Head,
        kind: LogKind,
        order: LogOrder,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<LogEntry>, StoreError> {
        let seqs = Seqs::after(head.seq, order, after)?;
        if seqs.within.is_empty() {
            return Ok(Page::empty());
        }
        // Only one entry more than fits shows whether more of one kind follow.
        let wanted = if kind == LogKind::All { limit } else { limit + 1 };
        let (mut items, unread) = if kind == LogKind::All || seqs.count() <= SKIPPED_MAX {
            self.known_entries(head.number, &seqs, kind, wanted).await?
        } else {
            let range = seqs.range(head.number, Consistency::Strong);
            self.read(&range, &kind.filter(), None, wanted, &mut Budget::of_calls(LOG_CALLS_MAX)).await?
        };
        let next = if items.len() > limit {
            items.truncate(limit);
            items.last().cloned()
        } else {
            unread.filter(|item| !seqs.end_with(item))
        };
        let mut page = Page::of_items(items, next, |item| seq_of(item).map(|seq| seq.to_string()))?.read()?;
        self.fill_in(head.number, &mut page.items).await?;
        Ok(page)
    }

    /// Reads at least `wanted` entries of one kind, unless they end or a page is full. Also returns
    /// where to continue. Entries of the other kind are skipped here and not by DynamoDB, so that
    /// none is missed unnoticed.
    async fn known_entries(
        &self,
        ticket: TicketNumber,
        seqs: &Seqs,
        kind: LogKind,
        wanted: usize,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let mut consistency = Consistency::Eventual;
        loop {
            let (mut budget, range) = (Budget::of_calls(LOG_CALLS_MAX), seqs.range(ticket, consistency));
            let (mut found, mut start) = (Vec::new(), None);
            while found.len() < wanted && !budget.is_spent() {
                let evaluated = budget.spend(wanted - found.len(), &kind.filter());
                let mut answer = self.query_once(&range, &[], start.take(), evaluated).await?;
                let read = answer.items.len();
                answer.items.retain(|item| kind.includes(item));
                budget.record(read, &answer.items);
                found.extend(answer.items);
                start = answer.unread;
                if start.is_none() {
                    break;
                }
            }
            if consistency == Consistency::Strong || seqs.are_read(budget.evaluated(), start.as_ref()) {
                return Ok((found, start));
            }
            consistency = Consistency::Strong;
        }
    }

    /// Reads entries of a ticket's log that are known to be written, in no particular order.
    pub(super) async fn written_entries(
        &self,
        ticket: TicketNumber,
        seqs: impl IntoIterator<Item = u64>,
    ) -> Result<Vec<Item>, StoreError> {
        let mut missing: Vec<Key> = seqs.into_iter().map(|seq| Key::log(ticket, seq)).collect();
        let mut items = self.batch_get_with(missing.clone(), Consistency::Eventual).await?;
        missing.retain(|key| !items.iter().any(|item| key.is_of(item)));
        items.extend(self.batch_get(missing).await?);
        Ok(items)
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
        let others = self.written_entries(ticket, elsewhere).await?;
        let others: Vec<LogEntry> = others.into_iter().map(from_item).collect::<Result<_, _>>()?;
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

/// The sequence numbers of a log that a page may show.
struct Seqs {
    within: RangeInclusive<u64>,
    order: LogOrder,
}

impl Seqs {
    /// Returns those that come after a position, in a log that ends with `last`.
    fn after(last: u64, order: LogOrder, after: Option<&str>) -> Result<Self, StoreError> {
        let after = after.map(|seq| whole_number(seq).ok_or(StoreError::InvalidPosition)).transpose()?;
        let within = match (order, after) {
            (LogOrder::OldestFirst, after) => after.unwrap_or(0).saturating_add(1)..=last,
            (LogOrder::NewestFirst, None) => 1..=last,
            (LogOrder::NewestFirst, Some(after)) => 1..=last.min(after.saturating_sub(1)),
        };
        Ok(Self { within, order })
    }

    /// Returns the range of the table with their entries.
    fn range(&self, ticket: TicketNumber, consistency: Consistency) -> KeyRange {
        let ascending = self.order == LogOrder::OldestFirst;
        KeyRange {
            from: Some(keys::log_position(*self.within.start())),
            to: Some(keys::log_position(*self.within.end())),
            consistency,
            ..KeyRange::of_table(keys::log_partition(ticket), LOG_PREFIX, ascending)
        }
    }

    /// Returns how many there are.
    const fn count(&self) -> u64 {
        (*self.within.end() + 1).saturating_sub(*self.within.start())
    }

    /// Returns whether so many entries are each of them up to the item at which a read stopped, or
    /// all if it did not stop before the end.
    fn are_read(&self, read: usize, stopped_at: Option<&Item>) -> bool {
        let (first, last) = (*self.within.start(), *self.within.end());
        let all = match (stopped_at.and_then(seq_of), self.order) {
            (None, _) => first..=last,
            (Some(seq), LogOrder::OldestFirst) => first..=seq,
            (Some(seq), LogOrder::NewestFirst) => seq..=last,
        };
        u64::try_from(read) == Ok(all.end() + 1 - all.start())
    }

    /// Returns whether the entry of that item is the last of them in their order.
    fn end_with(&self, item: &Item) -> bool {
        let last = match self.order {
            LogOrder::OldestFirst => self.within.end(),
            LogOrder::NewestFirst => self.within.start(),
        };
        seq_of(item).as_ref() == Some(last)
    }
}

/// Returns the `seq` in an entry's sort key.
fn seq_of(item: &Item) -> Option<u64> {
    keys::after_prefix(item, LOG_PREFIX)?.parse().ok()
}
