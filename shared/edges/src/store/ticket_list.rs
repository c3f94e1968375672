//! Lists of tickets: each filter is served by an index where one can, and by a bounded filter where none can.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::{TicketNumber, UserId};
use domain::lifecycle::Status;
use domain::text::{Category, Line, Tag, compared};
use domain::ticket::{Head, Priority};

use super::item::{number, text};
use super::keys::{self, BY_ASSIGNEE, BY_REQUESTER, BY_STATUS, Item, Key};
use super::query::{Budget, Consistency, Filter, Stretch};
use super::{Page, Store, StoreError};

/// The attributes of a head's item that hold compared forms.
const CATEGORY_KEY: &str = "category_key";
const TAG_KEYS: &str = "tag_keys";

/// Whose work is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssigneeFilter {
    /// That person's.
    Is(UserId),
    /// Nobody's.
    Nobody,
}

/// Which tickets are wanted; all of these together.
#[derive(Clone, Debug, Default)]
pub struct TicketFilter {
    /// Those that stand there.
    pub status: Option<Status>,
    /// Those assigned so.
    pub assignee: Option<AssigneeFilter>,
    /// Those of that requester.
    pub requester: Option<UserId>,
    /// Those of that priority.
    pub priority: Option<Priority>,
    /// Those of that category, compared by its form for that.
    pub category: Option<Category>,
    /// Those with that tag, compared by its form for that.
    pub tag: Option<Tag>,
}

/// Which way through the table serves a filter; what it does not cover is filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    /// Every head, newest first.
    All,
    /// One requester's, newest first.
    Requester(UserId),
    /// One assignee's, by status, priority and age.
    Assignee(UserId, Option<(Status, Option<Priority>)>),
    /// The queue by priority and age.
    Queue(Option<Priority>),
    /// Another status, newest first.
    Status(Status),
}

impl Route {
    /// An assignee has fewer tickets than a requester has over the years, and either fewer than a status.
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

    /// The conditions of the filter that this way does not see to.
    fn rest(self, filter: &TicketFilter) -> Filter {
        let mut rest = Filter::default();
        let mut equal = |attribute: &str, value: Option<AttributeValue>| {
            if value.is_some() {
                rest.add("#it = :it", attribute, value);
            }
        };
        let by_status = matches!(self, Self::Status(_) | Self::Queue(_) | Self::Assignee(_, Some(_)));
        let by_priority = matches!(self, Self::Queue(_) | Self::Assignee(_, Some(_)));
        let status = filter.status.filter(|_| !by_status);
        let priority = filter.priority.filter(|_| !by_priority);
        let requester = filter.requester.filter(|_| !matches!(self, Self::Requester(_)));
        equal("status", status.map(|status| text(status.as_str())));
        equal("requester_key", requester.map(|user| text(keys::requester_key(user))));
        equal("priority", priority.map(|priority| text(priority.as_str())));
        if let Some(category) = &filter.category {
            rest.add_any("#it = :it", places("category", CATEGORY_KEY, category));
        }
        if let Some(tag) = &filter.tag {
            rest.add_any("contains(#it, :it)", places("tags", TAG_KEYS, tag));
        }
        if filter.assignee == Some(AssigneeFilter::Nobody) {
            rest.add("attribute_not_exists(#it)", "assignee", None);
        }
        rest
    }

    /// Where in the index this way lies. `All` lies in the table itself: see [`Store::list_tickets`].
    fn stretch(self) -> Option<Stretch> {
        let (index, hash) = match self {
            Self::All => return None,
            Self::Requester(user) => (BY_REQUESTER, keys::requester_key(user)),
            Self::Assignee(user, _) => (BY_ASSIGNEE, keys::assignee_key(user)),
            Self::Queue(_) => (BY_STATUS, keys::status_key(Status::Open)),
            Self::Status(status) => (BY_STATUS, keys::status_key(status)),
        };
        let ascending = matches!(self, Self::Assignee(..) | Self::Queue(_));
        Some(Stretch {
            index: Some(index),
            hash,
            prefix: self.prefix().into(),
            from: None,
            ascending,
            consistency: Consistency::Eventual,
        })
    }

    /// What the sort keys on this way begin with.
    fn prefix(self) -> String {
        match self {
            Self::All | Self::Requester(_) | Self::Status(_) => String::new(),
            Self::Assignee(_, status) => {
                status.map_or_else(String::new, |(status, priority)| keys::work_prefix(status, priority))
            }
            Self::Queue(priority) => priority.map_or_else(String::new, keys::queue_prefix),
        }
    }

    /// Where an item stands on this way, as a cursor has it.
    fn position(self, item: &Item) -> Option<String> {
        let of = |attribute: &str| item.get(attribute);
        match self {
            Self::All => of(keys::SK)?.as_s().ok().cloned(),
            Self::Requester(_) => of(BY_REQUESTER.range)?.as_n().ok().cloned(),
            Self::Assignee(..) => of(BY_ASSIGNEE.range)?.as_s().ok().cloned(),
            Self::Queue(_) | Self::Status(_) => of(BY_STATUS.range)?.as_s().ok().cloned(),
        }
    }

    /// The ticket at a position, which is read in the one way that [`Route::position`] writes it.
    fn number_at(self, position: &str) -> Option<TicketNumber> {
        match self {
            Self::Requester(_) => position.parse().ok(),
            Self::All | Self::Status(_) => keys::number_at(position),
            Self::Queue(_) => keys::number_behind_ranks(position, 1),
            Self::Assignee(..) => keys::number_behind_ranks(position, 2),
        }
    }

    /// The item at a position, as a query wants it to start after. None if the position is none of this way's.
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

/// Where a word may stand in a head, and how: in its compared form, or as it is sent in a head that was
/// written before there were such forms.
fn places<'a, const MAX: usize>(shown: &'a str, compared: &'a str, word: &Line<MAX>) -> [(&'a str, AttributeValue); 3] {
    let form = || text(word.compared());
    [(shown, form()), (compared, form()), (shown, text(word.as_str()))]
}

/// What a head's item holds for filters beside what it shows: the compared forms of its category and its
/// tags, where they differ from those shown.
pub(super) fn compared_words(head: &Head) -> Item {
    let form = |word: &str| Some(compared(word)).filter(|form| form != word).map(text);
    let category = head.category.as_ref().and_then(|category| form(category.as_str()));
    let tags: Vec<AttributeValue> = head.tags.iter().filter_map(|tag| form(tag.as_str())).collect();
    let tags = (!tags.is_empty()).then_some(AttributeValue::L(tags));
    let words = [(CATEGORY_KEY, category), (TAG_KEYS, tags)];
    words.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

impl Store {
    /// Up to `limit` tickets that pass the filter.
    pub async fn list_tickets(
        &self,
        filter: &TicketFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Head>, StoreError> {
        let route = Route::of(filter);
        let rest = route.rest(filter);
        let start = after.map(|position| route.start(position).ok_or(StoreError::InvalidPosition)).transpose()?;
        match route.stretch() {
            Some(stretch) => self.page(&stretch, &rest, start, limit, |item| route.position(item)).await,
            None => self.list_all(&rest, after.and_then(keys::number_at), limit, Consistency::Eventual).await?.read(),
        }
    }

    /// The numbers of tickets behind that place, newest first, whatever their heads hold.
    pub(super) async fn ticket_numbers(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<TicketNumber>, Option<String>), StoreError> {
        let after = after.map(|position| keys::number_at(position).ok_or(StoreError::InvalidPosition)).transpose()?;
        let page = self.list_all(&Filter::default(), after, limit, Consistency::Strong).await?;
        let number = |item: &Item| item.get(keys::SK)?.as_s().ok().and_then(|key| keys::number_at(key));
        Ok((page.items.iter().filter_map(number).collect(), page.next))
    }

    /// Heads of all tickets, newest first: partition after partition, from that of the last number given out.
    async fn list_all(
        &self,
        rest: &Filter,
        after: Option<TicketNumber>,
        limit: usize,
        consistency: Consistency,
    ) -> Result<Page<Item>, StoreError> {
        let newest = match after {
            Some(number) => number.get(),
            None => self.last_ticket_number().await?,
        };
        let mut start = after.map(|number| Key::head(number).to_item());
        let mut items: Vec<Item> = Vec::new();
        let mut budget = Budget::default();
        let position = |item: &Item| Route::All.position(item);
        for thousands in (0..=keys::partition_of(newest)).rev() {
            if budget.is_spent() {
                // What comes next begins below the last partition's first number.
                let mut page = Page::of_items(items, None, position)?;
                page.next = Some(keys::first_of_partition(thousands + 1));
                return Ok(page);
            }
            let heads = Stretch::of_table(keys::heads_partition(thousands), "", false);
            let stretch = Stretch { consistency, ..heads };
            let wanted = limit + 1 - items.len();
            let (found, unread) = self.read(&stretch, rest, start.take(), wanted, &mut budget).await?;
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
