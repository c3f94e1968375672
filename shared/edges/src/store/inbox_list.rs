//! Lists and counts an inbox. For technicians, the reader's own notifications are merged by id with
//! the new tickets that all technicians are notified of.
//!
//! Unread notifications are searched from the reader's mark upwards, and then among the late ones.
//! So the cost of listing and counting them does not depend on how much was read before the mark.
//! Those that were read individually since then are skipped. DynamoDB's filter skips the reader's
//! own. New tickets are skipped by the items that record which of them were read, which are a third
//! source of the merge.

use std::collections::VecDeque;

use domain::id::{EventId, UUID_RANDOM_BYTES, UserId};
use domain::lifecycle::EventType;
use domain::notification::{Channel, NotificationType, ReadMark};
use domain::permission::DeskAction;
use domain::time::Timestamp;
use domain::user::Person;
use futures_util::future::try_join_all;

use super::condition::{Condition, above, does_not_contain, lacks};
use super::inbox::{Notification, READ_AT};
use super::item::{from_item, number, text};
use super::keys::{self, EXPIRES_AT, INBOX_PREFIX, Item, Key, NEW_TICKETS_PARTITION, READ_PREFIX};
use super::new_tickets::ReadIndividually;
use super::query::{Budget, EVALUATED_GROWTH, EVALUATED_MAX, KeyRange};
use super::{InboxState, Page, Store, StoreError};

/// The largest number of unread notifications that is reported exactly.
const COUNTED_MAX: usize = 99;
/// The number of rounds to continue counting the unread notifications of an inbox. Each round
/// passes some 10,000 that were read individually.
const COUNTING_ROUNDS_MAX: usize = 3;

/// The number of unread notifications of an inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The number, at most 99.
    pub count: usize,
    /// Whether there are more.
    pub more: bool,
}

/// An entry of a source of an inbox, each with the id of a notification.
enum Entry {
    Notification(Notification),
    Read(ReadIndividually),
}

impl Entry {
    const fn id(&self) -> EventId {
        match self {
            Self::Notification(notification) => notification.id,
            Self::Read(read) => read.id,
        }
    }
}

/// The part of an inbox that lies in one range of the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SourceKind {
    /// The reader's own notifications.
    Own,
    /// New tickets that all technicians are notified of.
    NewTickets,
    /// The new tickets that the reader read individually.
    ReadIndividually,
}

/// A part of an inbox, newest first, of which some entries are read but not yet merged.
struct Source {
    kind: SourceKind,
    range: KeyRange,
    filter: Vec<Condition>,
    budget: Budget,
    /// Where to continue, or none at the beginning.
    start: Option<Item>,
    ended: bool,
    /// The minimum number of entries to request next.
    least: usize,
    next: VecDeque<Entry>,
}

impl Source {
    fn new(kind: SourceKind, range: KeyRange, start: Option<Key>) -> Self {
        let start = start.map(|key| key.to_item());
        Self {
            kind,
            range,
            filter: Vec::new(),
            budget: Budget::default(),
            start,
            ended: false,
            least: 0,
            next: VecDeque::new(),
        }
    }

    const fn can_read_on(&self) -> bool {
        !self.ended && !self.budget.is_spent()
    }

    fn is_over(&self) -> bool {
        self.ended && self.next.is_empty()
    }

    fn first(&self) -> Option<EventId> {
        self.next.front().map(Entry::id)
    }

    /// Returns the position up to which this source was read, if this page may read no more of it.
    /// Everything newer was seen.
    fn bound(&self) -> Option<EventId> {
        let stuck = self.next.is_empty() && !self.ended && self.budget.is_spent();
        let position = self.start.as_ref().filter(|_| stuck)?;
        keys::after_prefix(position, &self.range.prefix)?.parse().ok()
    }

    fn entry(&self, item: Item) -> Result<Entry, StoreError> {
        Ok(match self.kind {
            SourceKind::Own | SourceKind::NewTickets => Entry::Notification(from_item(item)?),
            SourceKind::ReadIndividually => Entry::Read(from_item(item)?),
        })
    }
}

/// The notifications that are looked for.
struct InboxQuery<'a> {
    reader: &'a Person,
    mark: &'a ReadMark,
    sees_new_tickets: bool,
    unread_only: bool,
    now: Timestamp,
    after: Option<EventId>,
}

impl InboxQuery<'_> {
    /// Returns the sources to read. There are none if only late notifications are left.
    fn sources(&self) -> Vec<Source> {
        if self.unread_only && self.after.is_some_and(|after| self.mark.covers(after)) {
            return Vec::new();
        }
        let (reader, partition) = (self.reader.id, keys::user_partition(self.reader.id));
        let mut own = self.source(SourceKind::Own, partition.clone(), INBOX_PREFIX, |id| Key::inbox(reader, id));
        self.leave_out_expired(&mut own);
        if self.unread_only {
            own.filter.push(lacks(READ_AT));
        }
        if !self.sees_new_tickets {
            return vec![own];
        }
        let together = NEW_TICKETS_PARTITION.to_owned();
        let mut shared = self.source(SourceKind::NewTickets, together, INBOX_PREFIX, Key::new_ticket);
        self.leave_out_expired(&mut shared);
        shared.filter.push(does_not_contain("not_for", text(reader.to_string())));
        let read =
            self.source(SourceKind::ReadIndividually, partition, READ_PREFIX, |id| Key::new_ticket_read(reader, id));
        vec![own, shared, read]
    }

    fn source(&self, kind: SourceKind, hash: String, prefix: &'static str, key: impl Fn(EventId) -> Key) -> Source {
        let mut range = KeyRange::of_table(hash, prefix, false);
        let first_unread = self.mark.up_to.map(|mark| EventId::new(mark.plus_milliseconds(1), [0; UUID_RANDOM_BYTES]));
        range.from = first_unread.filter(|_| self.unread_only).map(|id| id.to_string());
        Source::new(kind, range, self.after.map(key))
    }

    fn leave_out_expired(&self, source: &mut Source) {
        // DynamoDB removes an expired item within days, not at once.
        source.filter.push(above(EXPIRES_AT, number(self.now.unix_seconds())));
    }
}

impl Store {
    /// Returns up to `limit` notifications of an inbox, newest first.
    pub async fn inbox(
        &self,
        reader: &Person,
        unread_only: bool,
        now: Timestamp,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Notification>, StoreError> {
        let after = after.map(|id| id.parse().map_err(|_| StoreError::InvalidPosition)).transpose()?;
        let inbox_state = self.inbox_state(reader.id).await?;
        let wanted = InboxQuery { after, ..inbox_query(reader, &inbox_state, unread_only, now) };
        let (mut items, bound) = self.looked_up(&wanted, limit + 1).await?;
        let next = if items.len() > limit { items.get(limit - 1).map(|last| last.id) } else { bound };
        items.truncate(limit);
        let positioned = items.into_iter().map(|notification| {
            let position = notification.id.to_string();
            (notification, position)
        });
        Ok(Page::of(positioned, next.map(|id| id.to_string())))
    }

    /// Counts the unread notifications of an inbox.
    pub async fn unread(&self, reader: &Person, now: Timestamp) -> Result<Unread, StoreError> {
        let inbox_state = self.inbox_state(reader.id).await?;
        let mut wanted = inbox_query(reader, &inbox_state, true, now);
        let mut found = 0;
        for _ in 0..COUNTING_ROUNDS_MAX {
            let (some, bound) = self.looked_up(&wanted, COUNTED_MAX + 1 - found).await?;
            found += some.len();
            wanted.after = bound;
            if found > COUNTED_MAX || bound.is_none() {
                break;
            }
        }
        Ok(Unread { count: found.min(COUNTED_MAX), more: found > COUNTED_MAX || wanted.after.is_some() })
    }

    /// Returns up to `count` notifications, newest first. If it may read no more, the second part
    /// is where to continue.
    async fn looked_up(
        &self,
        wanted: &InboxQuery<'_>,
        count: usize,
    ) -> Result<(Vec<Notification>, Option<EventId>), StoreError> {
        let (mut items, bound) = self.merged(wanted, count).await?;
        if wanted.unread_only && bound.is_none() && items.len() < count {
            items.extend(self.late(wanted, count - items.len()).await?);
        }
        Ok((items, bound))
    }

    /// Returns up to `count` notifications of all sources, newest first. If a source was read as
    /// far as one page may, the second part is where the next page begins.
    async fn merged(
        &self,
        wanted: &InboxQuery<'_>,
        count: usize,
    ) -> Result<(Vec<Notification>, Option<EventId>), StoreError> {
        let (mut found, mut sources) = (Vec::new(), wanted.sources());
        while found.len() < count {
            let missing = count - found.len();
            let dry = sources.iter_mut().filter(|source| source.next.is_empty() && source.can_read_on());
            try_join_all(dry.map(|source| self.fill(source, missing))).await?;
            if sources.iter().any(|source| source.kind == SourceKind::NewTickets && source.is_over()) {
                sources.retain(|source| source.kind == SourceKind::Own);
            }
            let bound = sources.iter().filter_map(Source::bound).max();
            let newest = sources.iter().filter_map(Source::first).max();
            let Some(id) = newest.filter(|id| bound.is_none_or(|bound| *id > bound)) else {
                return Ok((found, bound));
            };
            let same = sources.iter_mut().filter(|source| source.first() == Some(id));
            let same = same.filter_map(|source| source.next.pop_front()).collect();
            found.extend(notification_in(same).and_then(|notification| wanted.seen(notification)));
        }
        Ok((found, None))
    }

    async fn fill(&self, source: &mut Source, wanted: usize) -> Result<(), StoreError> {
        let asked = wanted.max(source.least);
        if source.kind != SourceKind::Own {
            // All entries it returned were read individually, or the source would not be empty.
            source.least = (asked * EVALUATED_GROWTH).min(EVALUATED_MAX);
        }
        let Source { range, filter, budget, .. } = source;
        let (items, start) = self.read(range, filter, source.start.take(), asked, budget).await?;
        source.ended = start.is_none();
        source.start = start;
        source.next = items.into_iter().map(|item| source.entry(item)).collect::<Result<_, _>>()?;
        Ok(())
    }

    /// Returns up to `count` late unread notifications, newest first.
    async fn late(&self, wanted: &InboxQuery<'_>, count: usize) -> Result<Vec<Notification>, StoreError> {
        let (mark, user) = (wanted.mark, wanted.reader.id);
        let behind = |id: &&EventId| mark.covers(**id) && wanted.after.is_none_or(|after| **id < after);
        let ids: Vec<EventId> = mark.late.iter().rev().filter(behind).copied().collect();
        let mut found = Vec::new();
        for ids in ids.chunks(count) {
            let mut some = self.notifications(user, ids).await?;
            some.retain(|notification| notification.expires_at > wanted.now.unix_seconds());
            some.sort_unstable_by_key(|notification| std::cmp::Reverse(notification.id));
            found.extend(some.into_iter().filter_map(|notification| wanted.seen(notification)));
            if found.len() >= count {
                break;
            }
        }
        found.truncate(count);
        Ok(found)
    }

    async fn notifications(&self, user: UserId, ids: &[EventId]) -> Result<Vec<Notification>, StoreError> {
        let items = self.batch_get(ids.iter().map(|id| Key::inbox(user, *id)).collect()).await?;
        items.into_iter().map(from_item).collect()
    }
}

/// Returns the query for the notifications of an inbox that its reader asks for.
fn inbox_query<'a>(
    reader: &'a Person,
    inbox_state: &'a InboxState,
    unread_only: bool,
    now: Timestamp,
) -> InboxQuery<'a> {
    let wants_them = inbox_state.preferences.want(NotificationType::Log(EventType::Opened), Channel::Inbox);
    let sees_new_tickets = wants_them && reader.may(DeskAction::WatchNewTickets);
    InboxQuery { reader, mark: &inbox_state.mark, sees_new_tickets, unread_only, now, after: None }
}

/// Returns the notification among entries of one id, with the time it was read individually.
fn notification_in(entries: Vec<Entry>) -> Option<Notification> {
    let (mut found, mut read_at) = (None, None);
    for entry in entries {
        match entry {
            Entry::Notification(notification) => found = Some(notification),
            Entry::Read(read) => read_at = Some(read.read_at),
        }
    }
    found.map(|found| Notification { read_at: found.read_at.or(read_at), ..found })
}

impl InboxQuery<'_> {
    /// Returns the notification with the time it was read, if it is wanted.
    fn seen(&self, mut notification: Notification) -> Option<Notification> {
        notification.read_at = self.mark.read_at(notification.id, notification.read_at);
        (!self.unread_only || notification.read_at.is_none()).then_some(notification)
    }
}
