//! Reading a list page by page.

use std::borrow::Cow;
use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::keys::{Index, Item, PK, SK};
use super::{Store, StoreError};

/// Calls one page of a list may take: a filter that hardly anything fits ends a page early instead of running on.
const CALLS_MAX: usize = 24;
/// Items one call of a filtered query looks at, at most: heads of that many tickets stay below the 1 MB that DynamoDB reads in one
/// call, and a thousand of them, a whole partition, are read to their end in one.
const EVALUATED_MAX: usize = 1_200;
/// How many times as many items each call of a filtered query looks at than the one before: what fits is found with few calls, and
/// what is read beside it stays within a few times of what was needed.
const EVALUATED_GROWTH: usize = 4;

/// One page of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins; none if this is the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page of a list that has nothing on it.
    #[must_use]
    pub const fn empty() -> Self {
        Self { items: Vec::new(), next: None }
    }

    /// The same page with other items on it.
    ///
    /// # Errors
    /// The first that `convert` meets.
    pub(super) fn try_map<U>(self, convert: impl FnMut(T) -> Result<U, StoreError>) -> Result<Page<U>, StoreError> {
        Ok(Page { items: self.items.into_iter().map(convert).collect::<Result<_, _>>()?, next: self.next })
    }
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
    /// Whether it is read from the smallest sort key on.
    pub(super) ascending: bool,
    /// Whether indexes may lag behind: false asks for what was written last (tables only).
    pub(super) consistent: bool,
}

impl Stretch {
    /// A stretch of the table itself, as it was written last.
    pub(super) const fn of_table(hash: String, prefix: &'static str, ascending: bool) -> Self {
        Self { index: None, hash, prefix: Cow::Borrowed(prefix), ascending, consistent: true }
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

    fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }
}

/// What reading one page may still cost.
#[derive(Debug, Default)]
pub(super) struct Budget {
    calls: usize,
    evaluated: usize,
}

impl Budget {
    /// Whether no further call may be made.
    pub(super) const fn is_spent(&self) -> bool {
        self.calls >= CALLS_MAX
    }

    /// How many items the next call looks at, to find that many.
    fn spend(&mut self, wanted: usize, filter: &Filter) -> usize {
        self.calls += 1;
        if filter.is_empty() {
            return wanted;
        }
        self.evaluated = wanted.max(self.evaluated * EVALUATED_GROWTH).min(EVALUATED_MAX);
        self.evaluated
    }
}

impl Store {
    /// Up to `limit` items of the stretch that pass the filter, after the item `start` points at. The answer says where the
    /// next page would begin, as the item to start after: the last one given, or the last one looked at.
    pub(super) async fn query(
        &self,
        stretch: &Stretch,
        filter: &Filter,
        start: Option<Item>,
        limit: usize,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        // One more than fits says whether there is a next page.
        let (mut found, unread) = self.read(stretch, filter, start, limit + 1, &mut Budget::default()).await?;
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
            let (items, last) = self.query_once(stretch, filter, start, evaluated).await?;
            found.extend(items);
            start = last;
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
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let (hash, range) = stretch.index.map_or((PK, SK), |index| (index.hash, index.range));
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(stretch.index.map(|index| index.name.to_owned()))
            .consistent_read(stretch.consistent)
            .scan_index_forward(stretch.ascending)
            .set_exclusive_start_key(start)
            .limit(i32::try_from(evaluated).unwrap_or(i32::MAX))
            .expression_attribute_names("#hash", hash)
            .expression_attribute_values(":hash", AttributeValue::S(stretch.hash.clone()));
        let request = if stretch.prefix.is_empty() {
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
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }
}
