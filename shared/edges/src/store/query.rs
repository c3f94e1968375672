//! Reading a list page by page.

use std::borrow::Cow;
use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use serde::de::DeserializeOwned;

use super::item::{bytes_of, from_item};
use super::keys::{Index, Item, PK, SK};
use super::{Store, StoreError};

/// Bytes one page of a list has at most, as it leaves a function: Lambda takes 6 MB of a function's answer (Lambda developer guide,
/// "Quotas": 6,291,556 bytes with headers and all), and the rest is room for those. An item longer than that would be alone on its
/// page; none comes near (DynamoDB: 400 KB).
pub const PAGE_BYTES_MAX: usize = 4_000_000;

/// Calls one page of a list may take: a filter that hardly anything fits ends a page early instead of running on.
const CALLS_MAX: usize = 12;
/// Calls one page of a ticket's log may take: comments are passed over to find events, and may have 40 KB each, 25 of which fill the
/// 1 MB that one call reads. More than 40 MB of one partition would take longer than three seconds (3,000 read units a second).
pub(super) const LOG_CALLS_MAX: usize = 40;
/// Items one call of a filtered query looks at, at most: heads of that many ordinary tickets stay below the 1 MB that DynamoDB reads in
/// one call, and a thousand of them, a whole partition, are read to their end in one.
pub(super) const EVALUATED_MAX: usize = 1_200;
/// How many times as many items each call of a filtered query looks at than the one before, at most.
pub(super) const EVALUATED_GROWTH: usize = 4;

/// One page of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins; none if this is the last.
    pub next: Option<String>,
    /// Where the next one would begin if this one ended with that item, for each.
    positions: Vec<String>,
}

impl<T> Page<T> {
    /// A page of a list that has nothing on it.
    #[must_use]
    pub const fn empty() -> Self {
        Self { items: Vec::new(), next: None, positions: Vec::new() }
    }

    /// The whole of a list that has that one item at most.
    #[must_use]
    pub fn of_one(item: Option<T>) -> Self {
        // Nothing goes on behind the only item.
        let positions = item.iter().map(|_| String::new()).collect();
        Self { items: item.into_iter().collect(), next: None, positions }
    }

    /// A page of these items, each with where a page that ended with it would go on.
    pub fn of(items: impl IntoIterator<Item = (T, String)>, next: Option<String>) -> Self {
        let (items, positions) = items.into_iter().unzip();
        Self { items, next, positions }
    }

    /// Makes something of each item.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(make).collect(), next: self.next, positions: self.positions }
    }

    /// The items, each with where a page that ended with it would go on.
    pub fn into_positioned(self) -> impl Iterator<Item = (T, String)> {
        self.items.into_iter().zip(self.positions)
    }
}

impl Page<Item> {
    /// A page of these items, where `position` says of each where it stands.
    pub(super) fn of_items(
        items: Vec<Item>,
        next: Option<Item>,
        position: impl Fn(&Item) -> Option<String>,
    ) -> Result<Self, StoreError> {
        let lost = || StoreError::corrupt("an item of a list has no place in it");
        let positions = items.iter().map(|item| position(item).ok_or_else(lost)).collect::<Result<_, _>>()?;
        let next = next.map(|item| position(&item).ok_or_else(lost)).transpose()?;
        Ok(Self { items, next, positions })
    }

    /// The same page with the values that its items hold.
    pub(super) fn read<T: DeserializeOwned>(self) -> Result<Page<T>, StoreError> {
        let Self { items, next, positions } = self;
        Ok(Page { items: items.into_iter().map(from_item).collect::<Result<_, _>>()?, next, positions })
    }
}

/// How something is read (DynamoDB developer guide, "Read consistency").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consistency {
    /// Every write that succeeded before is seen, for twice the price. No index can be read so.
    Strong,
    /// A write may be seen a moment later.
    Eventual,
}

/// A stretch of the table or of an index, in one direction.
#[derive(Debug)]
pub(super) struct Stretch {
    /// Which index; none for the table itself.
    pub(super) index: Option<Index>,
    /// The one partition it lies in.
    pub(super) hash: String,
    /// What its sort keys begin with; empty for all.
    pub(super) prefix: Cow<'static, str>,
    /// What they hold after the prefix at least; none for all. Only where it is letters and digits.
    pub(super) from: Option<String>,
    /// Whether it is read from the smallest sort key on.
    pub(super) ascending: bool,
    /// How it is read.
    pub(super) consistency: Consistency,
}

impl Stretch {
    /// A stretch of the table itself, as it was written last.
    pub(super) const fn of_table(hash: String, prefix: &'static str, ascending: bool) -> Self {
        Self {
            index: None,
            hash,
            prefix: Cow::Borrowed(prefix),
            from: None,
            ascending,
            consistency: Consistency::Strong,
        }
    }
}

/// What items must be beside lying in the stretch.
#[derive(Debug, Default)]
pub(super) struct Filter {
    conditions: Vec<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Filter {
    /// Adds a condition, in which `#it` and `:it` stand for the attribute's name and the value.
    pub(super) fn add(&mut self, condition: &str, attribute: &str, value: Option<AttributeValue>) {
        let (name, placeholder) = (format!("#{attribute}"), format!(":{attribute}"));
        self.conditions.push(condition.replace("#it", &name).replace(":it", &placeholder));
        self.names.insert(name, attribute.to_owned());
        if let Some(value) = value {
            self.values.insert(placeholder, value);
        }
    }

    /// Adds that one of these attributes meets the condition with its value.
    pub(super) fn add_any<'a>(&mut self, condition: &str, of: impl IntoIterator<Item = (&'a str, AttributeValue)>) {
        let mut any = Vec::new();
        for (index, (attribute, value)) in of.into_iter().enumerate() {
            let (name, placeholder) = (format!("#{attribute}"), format!(":{attribute}{index}"));
            any.push(condition.replace("#it", &name).replace(":it", &placeholder));
            self.names.insert(name, attribute.to_owned());
            self.values.insert(placeholder, value);
        }
        self.conditions.push(format!("({})", any.join(" OR ")));
    }

    fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }
}

/// What reading one page may still cost.
#[derive(Debug)]
pub(super) struct Budget {
    calls_max: usize,
    calls: usize,
    /// Items the calls looked at, and those of them that passed the filter.
    evaluated: usize,
    found: usize,
    /// The bytes of those found.
    bytes: usize,
    /// Items the last call was to look at.
    last: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self::of_calls(CALLS_MAX)
    }
}

impl Budget {
    /// So many calls, and what fills a page.
    pub(super) const fn of_calls(calls_max: usize) -> Self {
        Self { calls_max, calls: 0, evaluated: 0, found: 0, bytes: 0, last: 0 }
    }

    /// Whether no further call may be made, or what was found fills a page: as JSON it is no shorter.
    pub(super) const fn is_spent(&self) -> bool {
        self.calls >= self.calls_max || self.bytes >= PAGE_BYTES_MAX
    }

    /// How many items the next call looks at, to find that many: as many as the calls before suggest, within bounds.
    fn spend(&mut self, wanted: usize, filter: &Filter) -> usize {
        self.calls += 1;
        let most = self.last * EVALUATED_GROWTH;
        let expected = if filter.is_empty() || self.evaluated == 0 {
            wanted
        } else if self.found == 0 {
            most
        } else {
            (wanted * self.evaluated).div_ceil(self.found).min(most)
        };
        self.last = expected.clamp(wanted, EVALUATED_MAX.max(wanted));
        self.last
    }

    /// Takes note of what a call looked at, which is less than it was to where that fills the 1 MB it reads, and of what it found.
    fn note(&mut self, evaluated: usize, found: &[Item]) {
        self.evaluated += evaluated;
        self.found += found.len();
        self.bytes += found.iter().map(bytes_of).sum::<usize>();
    }
}

impl Store {
    /// One page of the stretch: up to `limit` items that pass the filter, after the item `start` points at. `position` says of an item
    /// where it stands.
    pub(super) async fn page<T: DeserializeOwned>(
        &self,
        stretch: &Stretch,
        filter: &Filter,
        start: Option<Item>,
        limit: usize,
        position: impl Fn(&Item) -> Option<String>,
    ) -> Result<Page<T>, StoreError> {
        let (items, next) = self.query(stretch, filter, start, limit, Budget::default()).await?;
        Page::of_items(items, next, position)?.read()
    }

    /// Up to `limit` items of the stretch that pass the filter, after the item `start` points at. The answer says where the
    /// next page would begin, as the item to start after: the last one given, or the last one looked at.
    pub(super) async fn query(
        &self,
        stretch: &Stretch,
        filter: &Filter,
        start: Option<Item>,
        limit: usize,
        mut budget: Budget,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        // One more than fits says whether there is a next page.
        let (mut found, unread) = self.read(stretch, filter, start, limit + 1, &mut budget).await?;
        if found.len() > limit {
            found.truncate(limit);
            let last = found.last().cloned();
            return Ok((found, last));
        }
        Ok((found, unread))
    }

    /// At least `wanted` items of the stretch that pass the filter, after the item `start` points at, unless it ends or the budget is
    /// spent before. The answer says where to read on, unless it ended.
    pub(super) async fn read(
        &self,
        stretch: &Stretch,
        filter: &Filter,
        start: Option<Item>,
        wanted: usize,
        budget: &mut Budget,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let mut found: Vec<Item> = Vec::new();
        let mut start = start;
        while found.len() < wanted && !budget.is_spent() {
            let evaluated = budget.spend(wanted - found.len(), filter);
            let answer = self.query_once(stretch, filter, start, evaluated).await?;
            budget.note(answer.evaluated, &answer.items);
            found.extend(answer.items);
            start = answer.unread;
            if start.is_none() {
                break;
            }
        }
        Ok((found, start))
    }

    async fn query_once(
        &self,
        stretch: &Stretch,
        filter: &Filter,
        start: Option<Item>,
        evaluated: usize,
    ) -> Result<Answered, StoreError> {
        let (hash, range) = stretch.index.map_or((PK, SK), |index| (index.hash, index.range));
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(stretch.index.map(|index| index.name.to_owned()))
            .consistent_read(stretch.consistency == Consistency::Strong)
            .scan_index_forward(stretch.ascending)
            .set_exclusive_start_key(start)
            .limit(i32::try_from(evaluated).unwrap_or(i32::MAX))
            .expression_attribute_names("#hash", hash)
            .expression_attribute_values(":hash", AttributeValue::S(stretch.hash.clone()));
        let request = if let Some(from) = &stretch.from {
            let prefix = &stretch.prefix;
            request
                .key_condition_expression("#hash = :hash AND #range BETWEEN :from AND :to")
                .expression_attribute_names("#range", range)
                .expression_attribute_values(":from", AttributeValue::S(format!("{prefix}{from}")))
                // `~` comes after all letters and digits.
                .expression_attribute_values(":to", AttributeValue::S(format!("{prefix}~")))
        } else if stretch.prefix.is_empty() {
            request.key_condition_expression("#hash = :hash")
        } else {
            request
                .key_condition_expression("#hash = :hash AND begins_with(#range, :prefix)")
                .expression_attribute_names("#range", range)
                .expression_attribute_values(":prefix", AttributeValue::S(stretch.prefix.clone().into_owned()))
        };
        let request = filter
            .names
            .iter()
            .fold(request, |request, (name, attribute)| request.expression_attribute_names(name, attribute));
        let request = filter
            .values
            .iter()
            .fold(request, |request, (name, value)| request.expression_attribute_values(name, value.clone()));
        let request =
            if filter.is_empty() { request } else { request.filter_expression(filter.conditions.join(" AND ")) };
        let answer = request.send().await?;
        Ok(Answered {
            evaluated: usize::try_from(answer.scanned_count).unwrap_or(0),
            items: answer.items.unwrap_or_default(),
            unread: answer.last_evaluated_key,
        })
    }
}

/// What one call brought.
struct Answered {
    /// How many items it looked at.
    evaluated: usize,
    /// Those of them that passed the filter.
    items: Vec<Item>,
    /// Where to read on; none at the end of the stretch.
    unread: Option<Item>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter() -> Filter {
        let mut filter = Filter::default();
        filter.add("attribute_exists(#it)", "tags", None);
        filter
    }

    /// What each call looks at, if so many of a hundred items pass the filter, until 26 are found or the budget is spent.
    fn calls(pass_of_a_hundred: usize) -> Vec<usize> {
        let (mut budget, mut found, mut calls) = (Budget::default(), 0, Vec::new());
        while found < 26 && !budget.is_spent() {
            let evaluated = budget.spend(26 - found, &filter());
            let passed = evaluated * pass_of_a_hundred / 100;
            budget.note(evaluated, &vec![Item::new(); passed]);
            found += passed;
            calls.push(evaluated);
        }
        calls
    }

    #[test]
    fn a_call_looks_at_what_those_before_it_suggest() {
        assert_eq!(calls(100), [26]);
        assert_eq!(calls(92), [26, 4], "nearly everything fits: nearly nothing more is read");
        assert_eq!(calls(25), [26, 87]);
        assert_eq!(calls(0), [26, 104, 416, 1_200, 1_200, 1_200, 1_200, 1_200, 1_200, 1_200, 1_200, 1_200]);
    }

    #[test]
    fn without_a_filter_a_call_looks_at_what_is_wanted() {
        let mut budget = Budget::default();
        assert_eq!([26, 5, 1].map(|wanted| budget.spend(wanted, &Filter::default())), [26, 5, 1]);
        for _ in 3..CALLS_MAX {
            assert!(!budget.is_spent());
            budget.spend(1, &Filter::default());
        }
        assert!(budget.is_spent());
    }
}
