//! Reading lists page by page.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::condition::{Condition, Placeholders, all, begins_with, between, is};
use super::item::{Consistency, bytes_of, text};
use super::keys::{Index, Item, PK, SK};
use super::page::PAGE_BYTES_MAX;
use super::{Page, Store, StoreError};
use crate::aws::Call;

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

/// A range of the table or of an index, read in one direction.
#[derive(Debug)]
pub(super) struct KeyRange {
    /// The index, or none for the table itself.
    pub(super) index: Option<Index>,
    /// The hash key of the partition.
    pub(super) hash: String,
    /// The prefix of the sort keys, or empty for all.
    pub(super) prefix: Cow<'static, str>,
    /// The lower bound of the sort keys after the prefix, or none for all. Only for sort keys of
    /// letters and digits.
    pub(super) from: Option<String>,
    /// The upper bound of the sort keys after the prefix, or none for all.
    pub(super) to: Option<String>,
    /// Whether to read from the smallest sort key upwards.
    pub(super) ascending: bool,
    /// The consistency of the read.
    pub(super) consistency: Consistency,
}

impl KeyRange {
    /// Returns a range of the table itself, read with strong consistency.
    pub(super) const fn of_table(hash: String, prefix: &'static str, ascending: bool) -> Self {
        Self {
            index: None,
            hash,
            prefix: Cow::Borrowed(prefix),
            from: None,
            to: None,
            ascending,
            consistency: Consistency::Strong,
        }
    }

    /// Returns the condition that the keys of the range meet.
    fn keys(&self) -> Condition {
        let (hash, range) = self.index.map_or((PK, SK), |index| (index.hash, index.range));
        let (prefix, of_partition) = (&*self.prefix, is(hash, text(&self.hash)));
        match (&self.from, &self.to) {
            (None, None) if prefix.is_empty() => of_partition,
            (None, None) => all([of_partition, begins_with(range, text(prefix))]),
            // `~` sorts after all letters and digits.
            (from, to) => {
                let (from, to) = (from.as_deref().unwrap_or_default(), to.as_deref().unwrap_or("~"));
                let bound = |bound| text(format!("{prefix}{bound}"));
                all([of_partition, between(range, bound(from), bound(to))])
            }
        }
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

    /// Returns the number of items that the calls evaluated.
    pub(super) const fn evaluated(&self) -> usize {
        self.evaluated
    }

    /// Returns how many items the next call evaluates to find `wanted` items. Extrapolates from the
    /// previous calls, within bounds.
    pub(super) fn spend(&mut self, wanted: usize, filter: &[Condition]) -> usize {
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
    pub(super) fn record(&mut self, evaluated: usize, found: &[Item]) {
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
        range: &KeyRange,
        filter: &[Condition],
        start: Option<Item>,
        limit: usize,
        position: impl Fn(&Item) -> Option<String>,
    ) -> Result<Page<T>, StoreError> {
        let (items, next) = self.query(range, filter, start, limit, Budget::default()).await?;
        Page::of_items(items, next, position)?.read()
    }

    /// Returns up to `limit` items of the range that pass the filter, after the item `start` points
    /// at. Also returns the item to start the next page after: the last one returned or the last
    /// one evaluated.
    pub(super) async fn query(
        &self,
        range: &KeyRange,
        filter: &[Condition],
        start: Option<Item>,
        limit: usize,
        mut budget: Budget,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        // One item more than fits shows whether there is a next page.
        let (mut found, unread) = self.read(range, filter, start, limit + 1, &mut budget).await?;
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
        range: &KeyRange,
        filter: &[Condition],
        start: Option<Item>,
        wanted: usize,
        budget: &mut Budget,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let mut found: Vec<Item> = Vec::new();
        let mut start = start;
        while found.len() < wanted && !budget.is_spent() {
            let evaluated = budget.spend(wanted - found.len(), filter);
            let answer = self.query_once(range, filter, start, evaluated).await?;
            budget.record(answer.evaluated, &answer.items);
            found.extend(answer.items);
            start = answer.unread;
            if start.is_none() {
                break;
            }
        }
        Ok((found, start))
    }

    /// Makes one call for the range: evaluates so many items after the item `start` points at.
    pub(super) fn query_once(
        &self,
        range: &KeyRange,
        filter: &[Condition],
        start: Option<Item>,
        evaluated: usize,
    ) -> Call<'static, Result<QueryResult, StoreError>> {
        let mut placeholders = Placeholders::default();
        let keys = placeholders.condition(range.keys());
        let filter = (!filter.is_empty()).then(|| placeholders.condition(all(filter)));
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(range.index.map(|index| index.name.to_owned()))
            .consistent_read(range.consistency == Consistency::Strong)
            .scan_index_forward(range.ascending)
            .set_exclusive_start_key(start)
            .limit(i32::try_from(evaluated).unwrap_or(i32::MAX))
            .key_condition_expression(keys)
            .set_filter_expression(filter)
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values());
        Box::pin(async {
            let answer = request.send().await?;
            Ok(QueryResult {
                evaluated: usize::try_from(answer.scanned_count).unwrap_or(0),
                items: answer.items.unwrap_or_default(),
                unread: answer.last_evaluated_key,
            })
        })
    }
}

/// The result of one call.
pub(super) struct QueryResult {
    /// The number of items it evaluated.
    evaluated: usize,
    /// The items that passed the filter.
    pub(super) items: Vec<Item>,
    /// Where to continue, or none at the end of the range.
    pub(super) unread: Option<Item>,
}

#[cfg(test)]
mod tests {
    use super::super::condition::lacks;
    use super::*;

    fn filter() -> [Condition; 1] {
        [lacks("tags")]
    }

    /// Returns the number of items that each call evaluates, if `pass_of_a_hundred` of a hundred
    /// items pass the filter, until 26 are found or the budget is spent.
    fn calls(pass_of_a_hundred: usize) -> Vec<usize> {
        let (mut budget, mut found, mut calls) = (Budget::default(), 0, Vec::new());
        while found < 26 && !budget.is_spent() {
            let evaluated = budget.spend(26 - found, &filter());
            let passed = evaluated * pass_of_a_hundred / 100;
            budget.record(evaluated, &vec![Item::new(); passed]);
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
        assert_eq!([26, 5, 1].map(|wanted| budget.spend(wanted, &[])), [26, 5, 1]);
        for _ in 3..CALLS_MAX {
            assert!(!budget.is_spent());
            budget.spend(1, &[]);
        }
        assert!(budget.is_spent());
    }
}
