//! Things of which there may be only so many: webhooks, and the API tokens of a person.
//!
//! Those that exist are counted, and another is created on condition that none was created since.
//! However many are created at once, the maximum is not exceeded. Removing one needs no such
//! condition, because it only makes room.

use super::condition::{Changes, is, lacks};
use super::item::{number, number_in};
use super::keys::{Item, Key};
use super::transaction::Transaction;

/// The number of tries of counting while others create some too. If that many are created at once,
/// all succeed.
pub(super) const CREATE_TRIES_MAX: u32 = 12;

/// The counter's attribute for the number created so far.
const MADE: &str = "made";

/// How many were created before those that exist were counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct MadeBefore(Option<u64>);

impl MadeBefore {
    /// Reads the item of the counter, if there is one. It is read before what it counts.
    pub(super) fn read(counter: Option<&Item>) -> Self {
        Self(counter.and_then(|item| number_in(item, MADE)))
    }
}

impl<R> Transaction<R> {
    /// Counts one more, on condition that none was created since. Others who create one at the same
    /// moment are the same refusal, because they have to be counted too.
    ///
    /// `changes` are the other attributes of the counter.
    pub(super) fn count_one_more(self, counter: Key, before: MadeBefore, changes: Changes, stale: R) -> Self
    where
        R: Clone,
    {
        let MadeBefore(made) = before;
        let none_since = made.map_or_else(|| lacks(MADE), |made| is(MADE, number(made)));
        self.update(counter, changes.set(MADE, number(made.unwrap_or(0) + 1)))
            .when(none_since)
            .or(stale.clone())
            .or_if_contended(stale)
    }
}
