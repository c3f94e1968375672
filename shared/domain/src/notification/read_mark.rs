//! Which notifications of an inbox are read: one mark for all, apart from those marked
//! individually.

use std::collections::BTreeSet;

use crate::id::EventId;
use crate::time::Timestamp;

/// The mark up to which a whole inbox is read. Unread are the notifications after the mark, and the
/// late ones: those that arrived after the mark although their event happened before it (an outage,
/// or a dead letter that was redriven). Without a mark, only the notifications marked individually
/// are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadMark {
    /// When the whole inbox was last marked as read.
    pub up_to: Option<Timestamp>,
    /// The notifications that arrived late since then.
    pub late: BTreeSet<EventId>,
}

impl ReadMark {
    /// The maximum number of late notifications kept. They are read in one `BatchGetItem` (100
    /// keys, DynamoDB API reference), and the item that holds them stays below one read unit.
    pub const LATE_MAX: usize = 100;

    /// Returns whether the event of a notification is not after the mark.
    #[must_use]
    pub fn covers(&self, id: EventId) -> bool {
        self.up_to.is_some_and(|mark| id.at() <= mark)
    }

    /// Returns when a notification was read, if it was. `one_by_one` is when it was marked
    /// individually.
    #[must_use]
    pub fn read_at(&self, id: EventId, one_by_one: Option<Timestamp>) -> Option<Timestamp> {
        one_by_one.or_else(|| self.up_to.filter(|_| self.covers(id) && !self.late.contains(&id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UUID_RANDOM_BYTES;
    use crate::samples::minute;

    fn id(minutes: u8) -> EventId {
        EventId::new(minute(minutes), [9; UUID_RANDOM_BYTES])
    }

    #[test]
    fn items_after_the_read_mark_or_late_are_unread_until_read_individually() {
        let none = ReadMark::default();
        let marked = ReadMark { up_to: Some(minute(5)), late: BTreeSet::new() };
        let late = ReadMark { late: BTreeSet::from([id(3)]), ..marked.clone() };
        let own = Some(minute(4));
        for (mark, of, one_by_one, read_at) in [
            (&none, 1, None, None),
            (&none, 1, own, own),
            (&marked, 4, None, Some(minute(5))),
            (&marked, 5, None, Some(minute(5))),
            (&marked, 6, None, None),
            (&marked, 3, own, own),
            (&late, 3, None, None),
            (&late, 3, own, own),
            (&late, 4, None, Some(minute(5))),
        ] {
            assert_eq!(mark.read_at(id(of), one_by_one), read_at, "{mark:?}, {of}");
        }
    }
}
