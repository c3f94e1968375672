//! Reading a ticket's log.

use domain::id::TicketNumber;
use domain::log::{EventType, LogEntry};

use super::item::{from_item, text};
use super::keys::{self, Item, Key, LOG_PREFIX};
use super::query::{Filter, Stretch};
use super::{Page, Store, StoreError};

/// Which entries of a log are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogKind {
    /// Comments alone.
    Comments,
    /// Events alone.
    Events,
    /// Both.
    All,
}

/// In which order a log is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogOrder {
    /// What happened first comes first.
    OldestFirst,
    /// What happened last comes first.
    NewestFirst,
}

impl Store {
    /// The entry of a ticket's log at that place.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log_entry(&self, ticket: TicketNumber, seq: u64) -> Result<Option<LogEntry>, StoreError> {
        self.get(&Key::log(ticket, seq)).await?.map(from_item).transpose()
    }

    /// Up to `limit` entries of a ticket's log.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log(
        &self,
        ticket: TicketNumber,
        kind: LogKind,
        order: LogOrder,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<LogEntry>, StoreError> {
        let stretch = Stretch::of_table(keys::log_partition(ticket), LOG_PREFIX, order == LogOrder::OldestFirst);
        let mut filter = Filter::default();
        let commented = text(EventType::Commented.as_str());
        match kind {
            LogKind::Comments => filter.add("#it = :it", "type", Some(commented)),
            LogKind::Events => filter.add("#it <> :it", "type", Some(commented)),
            LogKind::All => {}
        }
        let start = after.map(|seq| seq.parse().map_err(|_| StoreError::InvalidPosition)).transpose()?;
        let start = start.map(|seq| Key::log(ticket, seq).to_item());
        let (items, next) = self.query(&stretch, &filter, start, limit).await?;
        let page = Page { items, next: next.as_ref().and_then(seq_of) };
        page.try_map(from_item)
    }
}

/// The `seq` in an entry's sort key, as a cursor has it.
fn seq_of(item: &Item) -> Option<String> {
    let seq: u64 = keys::after_prefix(item, LOG_PREFIX)?.parse().ok()?;
    Some(seq.to_string())
}
