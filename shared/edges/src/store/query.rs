//! Reading lists page by page.

use std::borrow::Cow;
use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use serde::de::DeserializeOwned;

use super::item::{bytes_of, from_item};
use super::keys::{Index, Item, PK, SK};
use super::{Store, StoreError};

/// The maximum size of one page of a list in bytes, as it leaves a function. Lambda limits a
/// function's answer to 6 MB (Lambda developer guide, "Quotas": 6,291,556 bytes including headers),
/// and the rest is room for the headers and everything else. A longer item would be alone on its
/// page, but none comes near (DynamoDB: 400 KB).
pub const PAGE_BYTES_MAX: usize = 4_000_000;

/// The maximum number of calls for one page of a list. A filter that matches hardly anything ends a
/// page early instead of running on.
const CALLS_MAX: usize = 12;
/// The maximum number of calls for one page of a ticket's log. Comments are skipped to find events
/// and may have 40 KB each, so 25 of them fill the 1 MB that one call reads. Reading more than 40
/// MB of one partition would take longer than three seconds (3,000 read units a second).
pub(super) const LOG_CALLS_MAX: usize = 40;
/// The maximum number of items that one call of a filtered query evaluates. The heads of that many
/// ordinary tickets stay below the 1 MB that DynamoDB reads in one call, and a whole partition of a
/// thousand is read to its end in one call.
pub(super) const EVALUATED_MAX: usize = 1_200;
/// The maximum factor by which a call of a filtered query evaluates more items than the call
/// before.
pub(super) const EVALUATED_GROWTH: usize = 4;

/// One page of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// The items of the page.
    pub items: Vec<T>,
    /// The cursor of the next page, or none if this is the last.
    pub next: Option<String>,
    /// For each item, the cursor of the next page if this one ended with that item.
    positions: Vec<String>,
}

impl<T> Page<T> {
    /// Returns an empty page.
    #[must_use]
    pub const fn empty() -> Self {
        Self { items: Vec::new(), next: None, positions: Vec::new() }
    }

    /// Returns the only page of a list of at most one item.
    #[must_use]
    pub fn of_one(item: Option<T>) -> Self {
        // Nothing follows the only item.
        let positions = item.iter().map(|_| String::new()).collect();
        Self { items: item.into_iter().collect(), next: None, positions }
    }

    /// Returns a page of these items, each with the cursor of a page that would follow it.
    pub fn of(items: impl IntoIterator<Item = (T, String)>, next: Option<String>) -> Self {
        let (items, positions) = items.into_iter().unzip();
        Self { items, next, positions }
    }

    /// Converts each item with `make`.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(make).collect(), next: self.next, positions: self.positions }
    }

    /// Returns the items, each with the cursor of a page that would follow it.
    pub fn into_positioned(self) -> impl Iterator<Item = (T, String)> {
        self.items.into_iter().zip(self.positions)
    }
}

impl Page<Item> {
    /// Returns a page of these items. `position` returns the position of an item.
    pub(super) fn of_items(
        items: Vec<Item>,
        next: Option<Item>,
        position: impl Fn(&Item) -> Option<String>,
    ) -> Result<Self, StoreError> {
        let lost = || StoreError::corrupt("an item of a list has no position in it");
        let positions = items.iter().map(|item| position(item).ok_or_else(lost)).collect::<Result<_, _>>()?;
        let next = next.map(|item| position(&item).ok_or_else(lost)).transpose()?;
        Ok(Self { items, next, positions })
    }

    /// Returns the same page with the values that its items hold.
    pub(super) fn read<T: DeserializeOwned>(self) -> Result<Page<T>, StoreError> {
        let Self { items, next, positions } = self;
        Ok(Page { items: items.into_iter().map(from_item).collect::<Result<_, _>>()?, next, positions })
    }
}

/// The consistency of a read (DynamoDB developer guide, "Read consistency").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consistency {
    /// Sees every write that succeeded before, at twice the price. Indexes do not support it.
    Strong,
    /// May miss the most recent writes.
    Eventual,
}

/// A range of the table or of an index, read in one direction.
#[derive(Debug)]
pub(super) struct Stretch {
    /// The index, or none for the table itself.
    pub(super) index: Option<Index>,
    /// The hash key of the partition.
    pub(super) hash: String,
    /// The prefix of the sort keys, or empty for all.
    pub(super) prefix: Cow<'static, str>,
    /// The lower bound of the sort keys after the prefix, or none for all. Only for sort keys of
    /// letters and digits.
    pub(super) from: Option<String>,
    /// Whether to read from the smallest sort key upwards.
    pub(super) ascending: bool,
    /// The consistency of the read.
    pub(super) consistency: Consistency,
}

impl Stretch {
    /// Returns a range of the table itself, read with strong consistency.
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

/// The conditions that items of the range have to meet.
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

    /// Adds the condition that at least one of these attributes meets `condition` with its value.
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

/// The remaining cost allowed for one page.
#[derive(Debug)]
pub(super) struct Budget {
    calls_max: usize,
    calls: usize,
    /// The number of items that the calls evaluated, and of those that passed the filter.
    evaluated: usize,
    found: usize,
    /// The size of the found items in bytes.
    bytes: usize,
    /// The number of items that the last call was asked to evaluate.
    last: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self::of_calls(CALLS_MAX)
    }
}

impl Budget {
    /// Returns a budget of `calls_max` calls and one full page.
    pub(super) const fn of_calls(calls_max: usize) -> Self {
        Self { calls_max, calls: 0, evaluated: 0, found: 0, bytes: 0, last: 0 }
    }

    /// Returns whether no further call may be made or the found items fill a page. Their JSON is no
    /// shorter than they are.
    pub(super) const fn is_spent(&self) -> bool {
        self.calls >= self.calls_max || self.bytes >= PAGE_BYTES_MAX
    }

    /// Returns how many items the next call evaluates to find `wanted` items. Extrapolates from the
    /// previous calls, within bounds.
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

    /// Records the items that a call found and the number it evaluated. The number is lower than
    /// requested if the items fill the 1 MB that a call reads.
    fn note(&mut self, evaluated: usize, found: &[Item]) {
        self.evaluated += evaluated;
        self.found += found.len();
        self.bytes += found.iter().map(bytes_of).sum::<usize>();
    }
}

impl Store {
    /// Returns one page of the range: up to `limit` items that pass the filter, after the item
    /// `start` points at. `position` returns the position of an item.
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

    /// Returns up to `limit` items of the range that pass the filter, after the item `start` points
    /// at. Also returns the item to start the next page after: the last one returned or the last
    /// one evaluated.
    pub(super) async fn query(
        &self,
        stretch: &Stretch,
        filter: &Filter,
        start: Option<Item>,
        limit: usize,
        mut budget: Budget,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        // One item more than fits shows whether there is a next page.
        let (mut found, unread) = self.read(stretch, filter, start, limit + 1, &mut budget).await?;
        if found.len() > limit {
            found.truncate(limit);
            let last = found.last().cloned();
            return Ok((found, last));
        }
        Ok((found, unread))
    }

    /// Returns at least `wanted` items of the range that pass the filter, after the item `start`
    /// points at, unless the range ends or the budget is spent first. Also returns where to
    /// continue, unless the range ended.
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
                // `~` sorts after all letters and digits.
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

/// The result of one call.
struct Answered {
    /// The number of items it evaluated.
    evaluated: usize,
    /// The items that passed the filter.
    items: Vec<Item>,
    /// Where to continue, or none at the end of the range.
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

    /// Returns the number of items that each call evaluates, if `pass_of_a_hundred` of a hundred
    /// items pass the filter, until 26 are found or the budget is spent.
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
    fn the_size_of_a_call_follows_from_the_calls_before_it() {
        assert_eq!(calls(100), [26]);
        assert_eq!(calls(92), [26, 4], "nearly everything passes, so little more is read");
        assert_eq!(calls(25), [26, 87]);
        assert_eq!(calls(0), [26, 104, 416, 1_200, 1_200, 1_200, 1_200, 1_200, 1_200, 1_200, 1_200, 1_200]);
    }

    #[test]
    fn without_a_filter_a_call_reads_as_many_items_as_wanted() {
        let mut budget = Budget::default();
        assert_eq!([26, 5, 1].map(|wanted| budget.spend(wanted, &Filter::default())), [26, 5, 1]);
        for _ in 3..CALLS_MAX {
            assert!(!budget.is_spent());
            budget.spend(1, &Filter::default());
        }
        assert!(budget.is_spent());
    }
}
