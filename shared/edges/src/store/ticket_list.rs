//! Lists of tickets. An index serves the conditions of a filter where one exists for them. Bounded
//! filtering serves the rest.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::{TicketNumber, UserId};
use domain::lifecycle::Status;
use domain::text::{Category, Line, Tag, comparison_form};
use domain::ticket::{Head, Priority};

use super::condition::{Condition, any, contains, is, lacks};
use super::item::{Consistency, number, text};
use super::keys::{self, BY_ASSIGNEE, BY_REQUESTER, BY_STATUS, Item, Key};
use super::query::{Budget, KeyRange};
use super::{Page, Store, StoreError};

/// The attributes of a head's item that hold compared forms.
const CATEGORY_KEY: &str = "category_key";
const TAG_KEYS: &str = "tag_keys";

/// A filter by assignee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssigneeFilter {
    /// Tickets assigned to that person.
    Is(UserId),
    /// Unassigned tickets.
    Nobody,
}

/// A filter of tickets. All conditions have to hold.
#[derive(Clone, Debug, Default)]
pub struct TicketFilter {
    /// The status.
    pub status: Option<Status>,
    /// The assignee.
    pub assignee: Option<AssigneeFilter>,
    /// The requester.
    pub requester: Option<UserId>,
    /// The priority.
    pub priority: Option<Priority>,
    /// The category, compared by its compared form.
    pub category: Option<Category>,
    /// A tag, compared by its compared form.
    pub tag: Option<Tag>,
}

/// The access path that serves a filter. Conditions it does not cover are filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    /// All heads, newest first.
    All,
    /// The tickets of a requester, newest first.
    Requester(UserId),
    /// The tickets of an assignee, by status, priority and age.
    Assignee(UserId, Option<(Status, Option<Priority>)>),
    /// The ticket queue by priority and age.
    Queue(Option<Priority>),
    /// The tickets of another status, newest first.
    Status(Status),
}

impl Route {
    /// Chooses the route of a filter. An assignee has fewer tickets than a requester has over the
    /// years, and either has fewer than a status.
    fn of(filter: &TicketFilter) -> Self {
        match (filter.assignee, filter.requester, filter.status) {
            (Some(AssigneeFilter::Is(user)), _, status) => {
                Self::Assignee(user, status.map(|status| (status, filter.priority)))
            }
            (_, Some(user), _) => Self::Requester(user),
            (_, None, Some(Status::Open)) => Self::Queue(filter.priority),
            (_, None, Some(status)) => Self::Status(status),
            (_, None, None) => Self::All,
        }
    }

    /// Returns the conditions of the filter that this route does not cover.
    fn rest(self, filter: &TicketFilter) -> Vec<Condition> {
        let by_status = matches!(self, Self::Status(_) | Self::Queue(_) | Self::Assignee(_, Some(_)));
        let by_priority = matches!(self, Self::Queue(_) | Self::Assignee(_, Some(_)));
        let status = filter.status.filter(|_| !by_status);
        let priority = filter.priority.filter(|_| !by_priority);
        let requester = filter.requester.filter(|_| !matches!(self, Self::Requester(_)));
        let nobody = filter.assignee == Some(AssigneeFilter::Nobody);
        let conditions = [
            status.map(|status| is("status", text(status.as_str()))),
            requester.map(|user| is("requester_key", text(keys::requester_key(user)))),
            priority.map(|priority| is("priority", text(priority.as_str()))),
            filter.category.as_ref().map(|category| in_either_attribute(["category", CATEGORY_KEY], category, is)),
            filter.tag.as_ref().map(|tag| in_either_attribute(["tags", TAG_KEYS], tag, contains)),
            nobody.then(|| lacks("assignee")),
        ];
        conditions.into_iter().flatten().collect()
    }

    /// Returns the range of the index that this route reads. `All` reads the table itself: see
    /// [`Store::list_tickets`].
    fn range(self) -> Option<KeyRange> {
        let (index, hash) = match self {
            Self::All => return None,
            Self::Requester(user) => (BY_REQUESTER, keys::requester_key(user)),
            Self::Assignee(user, _) => (BY_ASSIGNEE, keys::assignee_key(user)),
            Self::Queue(_) => (BY_STATUS, keys::status_key(Status::Open)),
            Self::Status(status) => (BY_STATUS, keys::status_key(status)),
        };
        let ascending = matches!(self, Self::Assignee(..) | Self::Queue(_));
        Some(KeyRange {
            index: Some(index),
            hash,
            prefix: self.prefix().into(),
            from: None,
            to: None,
            ascending,
            consistency: Consistency::Eventual,
        })
    }

    /// Returns the prefix of the sort keys on this route.
    fn prefix(self) -> String {
        match self {
            Self::All | Self::Requester(_) | Self::Status(_) => String::new(),
            Self::Assignee(_, status) => {
                status.map_or_else(String::new, |(status, priority)| keys::work_prefix(status, priority))
            }
            Self::Queue(priority) => priority.map_or_else(String::new, keys::queue_prefix),
        }
    }

    /// Returns the position of an item on this route, as a cursor holds it.
    fn position(self, item: &Item) -> Option<String> {
        let of = |attribute: &str| item.get(attribute);
        match self {
            Self::All => of(keys::SK)?.as_s().ok().cloned(),
            Self::Requester(_) => of(BY_REQUESTER.range)?.as_n().ok().cloned(),
            Self::Assignee(..) => of(BY_ASSIGNEE.range)?.as_s().ok().cloned(),
            Self::Queue(_) | Self::Status(_) => of(BY_STATUS.range)?.as_s().ok().cloned(),
        }
    }

    /// Reads the ticket number at a position. Accepts only what [`Route::position`] writes.
    fn number_at(self, position: &str) -> Option<TicketNumber> {
        match self {
            Self::Requester(_) => position.parse().ok(),
            Self::All | Self::Status(_) => keys::number_at(position),
            Self::Queue(_) => keys::number_behind_ranks(position, 1),
            Self::Assignee(..) => keys::number_behind_ranks(position, 2),
        }
    }

    /// Returns the item at a position, as a query expects it to start after. Returns `None` if the
    /// position is not one of this route.
    fn start(self, position: &str) -> Option<Item> {
        let ticket = self.number_at(position)?;
        if !position.starts_with(&self.prefix()) {
            return None;
        }
        let mut start = Key::head(ticket).to_item();
        let mut add = |attribute: &str, value| start.insert(attribute.to_owned(), value);
        match self {
            Self::All => {}
            Self::Requester(user) => {
                add(BY_REQUESTER.hash, text(keys::requester_key(user)));
                add(BY_REQUESTER.range, number(ticket));
            }
            Self::Assignee(user, _) => {
                add(BY_ASSIGNEE.hash, text(keys::assignee_key(user)));
                add(BY_ASSIGNEE.range, text(position));
            }
            Self::Queue(_) => {
                add(BY_STATUS.hash, text(keys::status_key(Status::Open)));
                add(BY_STATUS.range, text(position));
            }
            Self::Status(status) => {
                add(BY_STATUS.hash, text(keys::status_key(status)));
                add(BY_STATUS.range, text(position));
            }
        }
        Some(start)
    }
}

/// Returns the condition that a head holds a word: in its compared form, or as sent, in heads that
/// were written before compared forms existed.
fn in_either_attribute<const MAX: usize>(
    [shown, compared]: [&'static str; 2],
    word: &Line<MAX>,
    condition: impl Fn(&'static str, AttributeValue) -> Condition,
) -> Condition {
    let form = || text(word.comparison_form());
    any([condition(shown, form()), condition(compared, form()), condition(shown, text(word.as_str()))])
}

/// Returns the additional attributes of a head's item for filters: the compared forms of its
/// category and tags, where they differ from the displayed ones.
pub(super) fn compared_words(head: &Head) -> Item {
    let form = |word: &str| Some(comparison_form(word)).filter(|form| form != word).map(text);
    let category = head.category.as_ref().and_then(|category| form(category.as_str()));
    let tags: Vec<AttributeValue> = head.tags.iter().filter_map(|tag| form(tag.as_str())).collect();
    let tags = (!tags.is_empty()).then_some(AttributeValue::L(tags));
    let words = [(CATEGORY_KEY, category), (TAG_KEYS, tags)];
    words.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

impl Store {
    /// Returns up to `limit` tickets that pass the filter.
    pub async fn list_tickets(
        &self,
        filter: &TicketFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Head>, StoreError> {
        let route = Route::of(filter);
        let rest = route.rest(filter);
        let start = after.map(|position| route.start(position).ok_or(StoreError::InvalidPosition)).transpose()?;
        match route.range() {
            Some(range) => self.page(&range, &rest, start, limit, |item| route.position(item)).await,
            None => self.list_all(&rest, after.and_then(keys::number_at), limit, Consistency::Eventual).await?.read(),
        }
    }

    /// Returns the ticket numbers after that position, newest first, whatever their heads hold.
    pub(super) async fn ticket_numbers(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<TicketNumber>, Option<String>), StoreError> {
        let after = after.map(|position| keys::number_at(position).ok_or(StoreError::InvalidPosition)).transpose()?;
        let page = self.list_all(&[], after, limit, Consistency::Strong).await?;
        let number = |item: &Item| item.get(keys::SK)?.as_s().ok().and_then(|key| keys::number_at(key));
        Ok((page.items.iter().filter_map(number).collect(), page.next))
    }

    /// Returns the heads of all tickets, newest first, partition by partition, from the partition
    /// of the last allocated number.
    async fn list_all(
        &self,
        rest: &[Condition],
        after: Option<TicketNumber>,
        limit: usize,
        consistency: Consistency,
    ) -> Result<Page<Item>, StoreError> {
        let newest = match after {
            Some(number) => number.get(),
            None => self.last_ticket_number(consistency).await?,
        };
        let mut start = after.map(|number| Key::head(number).to_item());
        let mut items: Vec<Item> = Vec::new();
        let mut budget = Budget::default();
        let position = |item: &Item| Route::All.position(item);
        for thousands in (0..=keys::partition_of(newest)).rev() {
            if budget.is_spent() {
                // The rest begins below the first number of the last partition.
                let mut page = Page::of_items(items, None, position)?;
                page.next = Some(keys::first_of_partition(thousands + 1));
                return Ok(page);
            }
            let heads = KeyRange::of_table(keys::heads_partition(thousands), "", false);
            let range = KeyRange { consistency, ..heads };
            let wanted = limit + 1 - items.len();
            let (found, unread) = self.read(&range, rest, start.take(), wanted, &mut budget).await?;
            items.extend(found);
            if items.len() > limit {
                items.truncate(limit);
                let last = items.last().cloned();
                return Page::of_items(items, last, position);
            }
            if unread.is_some() {
                return Page::of_items(items, unread, position);
            }
        }
        Page::of_items(items, None, position)
    }
}
