//! Lists and counts an inbox: the reader's own notifications, and for technicians the new tickets
//! that all of them are told of, merged by id.
//!
//! Unread ones are looked for from the reader's mark upwards, and then among those that came late.
//! So the list and the count of them do not depend on how much was read before.

use std::collections::VecDeque;

use domain::id::{EventId, UUID_RANDOM_BYTES, UserId};
use domain::lifecycle::EventType;
use domain::notification::{Channel, NotificationReason, Occasion, ReadMark};
use domain::permission::DeskAction;
use domain::time::Timestamp;
use domain::user::Person;
use futures_util::future::try_join_all;

use super::inbox::Notification;
use super::item::{from_item, number, text};
use super::keys::{self, EXPIRES_AT, INBOX_PREFIX, Item, Key, NEW_TICKETS_PARTITION};
use super::query::{Budget, Filter, Stretch};
use super::{Page, Store, StoreError};

/// Of how many unread notifications the number is said.
const COUNTED_MAX: usize = 99;

/// How much in an inbox is unread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// How many, at most 99.
    pub count: usize,
    /// Whether there are more.
    pub more: bool,
}

/// Notifications of one partition, newest first, of which some are read and not looked at yet.
struct Source {
    stretch: Stretch,
    filter: Filter,
    budget: Budget,
    /// Where to read on; none at the beginning.
    start: Option<Item>,
    ended: bool,
    next: VecDeque<Notification>,
}

impl Source {
    fn new(stretch: Stretch, start: Option<Key>) -> Self {
        let start = start.map(|key| key.to_item());
        Self {
            stretch,
            filter: Filter::default(),
            budget: Budget::default(),
            start,
            ended: false,
            next: VecDeque::new(),
        }
    }

    const fn can_read_on(&self) -> bool {
        !self.ended && !self.budget.is_spent()
    }

    fn first(&self) -> Option<EventId> {
        self.next.front().map(|notification| notification.id)
    }

    /// Returns where this source was read up to, if this page may read no more of it: all above was
    /// seen.
    fn bound(&self) -> Option<EventId> {
        let stuck = self.next.is_empty() && !self.ended && self.budget.is_spent();
        let position = self.start.as_ref().filter(|_| stuck)?;
        keys::after_prefix(position, INBOX_PREFIX)?.parse().ok()
    }
}

/// What of an inbox is looked at.
struct Wanted<'a> {
    reader: &'a Person,
    mark: &'a ReadMark,
    sees_new_tickets: bool,
    unread_only: bool,
    now: Timestamp,
    after: Option<EventId>,
}

impl Wanted<'_> {
    /// Returns where to look. Nowhere, if only late ones are left.
    fn sources(&self) -> Vec<Source> {
        if self.unread_only && self.after.is_some_and(|after| self.mark.covers(after)) {
            return Vec::new();
        }
        let mut own = self.source(keys::user_partition(self.reader.id), |id| Key::inbox(self.reader.id, id));
        if !self.sees_new_tickets {
            own.filter.add("#it <> :it", "reason", Some(text(NotificationReason::NewTicket.as_str())));
            return vec![own];
        }
        let mut shared = self.source(NEW_TICKETS_PARTITION.to_owned(), Key::new_ticket);
        shared.filter.add("NOT contains(#it, :it)", "not_for", Some(text(self.reader.id.to_string())));
        // The reader's own copy of a new ticket comes first: it says when it was read.
        vec![own, shared]
    }

    fn source(&self, hash: String, key: impl Fn(EventId) -> Key) -> Source {
        let mut stretch = Stretch::of_table(hash, INBOX_PREFIX, false);
        let first_unread = self.mark.up_to.map(|mark| EventId::new(mark.plus_milliseconds(1), [0; UUID_RANDOM_BYTES]));
        stretch.from = first_unread.filter(|_| self.unread_only).map(|id| id.to_string());
        let mut source = Source::new(stretch, self.after.map(key));
        // DynamoDB removes an expired item within days, not at once.
        source.filter.add("#it > :it", EXPIRES_AT, Some(number(self.now.unix_seconds())));
        source
    }
}

impl Store {
    /// Returns up to `limit` notifications of an inbox, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn inbox(
        &self,
        reader: &Person,
        unread_only: bool,
        now: Timestamp,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Notification>, StoreError> {
        let after = after.map(|id| id.parse().map_err(|_| StoreError::InvalidPosition)).transpose()?;
        let reading = self.reading(reader.id).await?;
        let mark = &reading.mark;
        let wants_them = reading.preferences.want(Occasion::Log(EventType::Opened), Channel::Inbox);
        let sees_new_tickets = wants_them && reader.may(DeskAction::HearOfNewTickets);
        let wanted = Wanted { reader, mark, sees_new_tickets, unread_only, now, after };
        let (mut items, bound) = self.merged(&wanted, limit + 1).await?;
        if unread_only && bound.is_none() && items.len() <= limit {
            let missing = limit + 1 - items.len();
            items.extend(self.late(&wanted, missing).await?);
        }
        let next = if items.len() > limit { items.get(limit - 1).map(|last| last.id) } else { bound };
        items.truncate(limit);
        let positioned = items.into_iter().map(|notification| {
            let position = notification.id.to_string();
            (notification, position)
        });
        Ok(Page::of(positioned, next.map(|id| id.to_string())))
    }

    /// Counts the unread notifications of an inbox.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unread(&self, reader: &Person, now: Timestamp) -> Result<Unread, StoreError> {
        let page = self.inbox(reader, true, now, None, COUNTED_MAX).await?;
        Ok(Unread { count: page.items.len(), more: page.next.is_some() })
    }

    /// Returns up to `count` notifications of all sources, newest first. If a source was read as
    /// far as one page may, the second part says where the next page begins.
    async fn merged(
        &self,
        wanted: &Wanted<'_>,
        count: usize,
    ) -> Result<(Vec<Notification>, Option<EventId>), StoreError> {
        let (mut found, mut sources) = (Vec::new(), wanted.sources());
        while found.len() < count {
            let missing = count - found.len();
            let dry = sources.iter_mut().filter(|source| source.next.is_empty() && source.can_read_on());
            try_join_all(dry.map(|source| self.fill(source, missing))).await?;
            let bound = sources.iter().filter_map(Source::bound).max();
            let newest = sources.iter().filter_map(Source::first).max();
            let Some(id) = newest.filter(|id| bound.is_none_or(|bound| *id > bound)) else {
                return Ok((found, bound));
            };
            let same = sources.iter_mut().filter(|source| source.first() == Some(id));
            let same: Vec<Notification> = same.filter_map(|source| source.next.pop_front()).collect();
            found.extend(same.into_iter().take(1).filter_map(|notification| wanted.seen(notification)));
        }
        Ok((found, None))
    }

    async fn fill(&self, source: &mut Source, wanted: usize) -> Result<(), StoreError> {
        let Source { stretch, filter, budget, .. } = source;
        let (items, start) = self.read(stretch, filter, source.start.take(), wanted, budget).await?;
        source.ended = start.is_none();
        source.start = start;
        source.next = items.into_iter().map(from_item).collect::<Result<_, _>>()?;
        Ok(())
    }

    /// Returns up to `count` unread notifications that came late, newest first.
    async fn late(&self, wanted: &Wanted<'_>, count: usize) -> Result<Vec<Notification>, StoreError> {
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

impl Wanted<'_> {
    /// Returns the notification with the time it was read, if it is wanted.
    fn seen(&self, mut notification: Notification) -> Option<Notification> {
        notification.read_at = self.mark.read_at(notification.id, notification.read_at);
        (!self.unread_only || notification.read_at.is_none()).then_some(notification)
    }
}
