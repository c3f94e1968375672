//! The indexes, and the attributes that are their keys.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::{TicketNumber, UserId};
use domain::lifecycle::Status;
use domain::ticket::{Head, Priority};
use domain::user::Role;

use super::{Item, Key, number_at, padded};

/// An index: its name, and the attributes that are its keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Index {
    pub(crate) name: &'static str,
    pub(crate) hash: &'static str,
    pub(crate) range: &'static str,
}

/// Tickets by who needs help.
pub(crate) const BY_REQUESTER: Index = Index { name: "by_requester", hash: "requester_key", range: "number" };
/// Tickets by who works on them; a ticket nobody was ever assigned is not in it.
pub(crate) const BY_ASSIGNEE: Index = Index { name: "by_assignee", hash: "assignee_key", range: "work_key" };
/// Tickets by where they stand, and people by their role.
pub(crate) const BY_STATUS: Index = Index { name: "by_status", hash: "status_key", range: "queue_key" };

/// The hash of a requester's tickets.
pub(crate) fn requester_key(user: UserId) -> String {
    format!("REQUESTER#{user}")
}

/// The hash of an assignee's work.
pub(crate) fn assignee_key(user: UserId) -> String {
    format!("ASSIGNEE#{user}")
}

/// The hash of all tickets that stand somewhere.
pub(crate) fn status_key(status: Status) -> String {
    format!("STATUS#{}", status.as_str())
}

/// The hash of all people of a role.
pub(crate) fn role_key(role: Role) -> String {
    format!("ROLE#{}", role.as_str())
}

/// What the work of an assignee in one status, and of one priority, begins with.
pub(crate) fn work_prefix(status: Status, priority: Option<Priority>) -> String {
    format!("{}#{}", work_rank(status), priority.map_or_else(String::new, queue_prefix))
}

/// What the queue's tickets of one priority begin with.
pub(crate) fn queue_prefix(priority: Priority) -> String {
    format!("{}#", priority_rank(priority))
}

/// What is being worked on comes first, what is done last.
const fn work_rank(status: Status) -> char {
    match status {
        Status::InProgress => '1',
        Status::Open => '2',
        Status::Resolved => '3',
        Status::Closed => '4',
    }
}

const fn priority_rank(priority: Priority) -> char {
    match priority {
        Priority::Urgent => '1',
        Priority::High => '2',
        Priority::Normal => '3',
        Priority::Low => '4',
    }
}

/// All keys of a head's item, those of the indexes included.
pub(crate) fn head_keys(head: &Head) -> Item {
    let number = head.number.get();
    let by_priority = format!("{}{}", queue_prefix(head.priority), padded(number));
    let queue = match head.status {
        Status::Open => by_priority.clone(),
        Status::InProgress | Status::Resolved | Status::Closed => padded(number),
    };
    let mut keys = Key::head(head.number).to_item();
    let mut add = |attribute: &str, value: String| {
        keys.insert(attribute.to_owned(), AttributeValue::S(value));
    };
    add(BY_REQUESTER.hash, requester_key(head.requester.id));
    add(BY_STATUS.hash, status_key(head.status));
    add(BY_STATUS.range, queue);
    if let Some(assignee) = head.assignee_id() {
        add(BY_ASSIGNEE.hash, assignee_key(assignee));
        let work = format!("{}{}", work_prefix(head.status, Some(head.priority)), padded(number));
        add(BY_ASSIGNEE.range, work);
    }
    keys
}

/// All keys of a user's item, those of the index included.
pub(crate) fn profile_keys(user: UserId, role: Role) -> Item {
    let mut keys = Key::profile(user).to_item();
    let mut add = |attribute: &str, value: String| {
        keys.insert(attribute.to_owned(), AttributeValue::S(value));
    };
    add(BY_STATUS.hash, role_key(role));
    add(BY_STATUS.range, user.to_string());
    keys
}

/// Reads the number at the end of an index key that has so many ranks before it, each the digit of a status or a priority.
pub(crate) fn number_behind_ranks(range: &str, ranks: usize) -> Option<TicketNumber> {
    let mut parts = range.split('#');
    let are_ranks = parts.by_ref().take(ranks).all(|rank| matches!(rank, "1" | "2" | "3" | "4"));
    let number = parts.next().and_then(number_at)?;
    (are_ranks && parts.next().is_none()).then_some(number)
}
