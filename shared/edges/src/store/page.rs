//! A page of a list, with the cursors of the pages that may follow it.

use serde::de::DeserializeOwned;

use super::StoreError;
use super::item::from_item;
use super::keys::Item;

/// The maximum size of one page of a list in bytes, as it leaves a function. Lambda limits a
/// function's response to 6 MB (Lambda developer guide, "Quotas": 6,291,556 bytes including
/// headers), and the rest is room for the headers and everything else. A longer item would be alone
/// on its page, but none comes near (DynamoDB: 400 KB).
pub const PAGE_BYTES_MAX: usize = 4_000_000;

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
