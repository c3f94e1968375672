//! The indexes and their key attributes.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::{TicketNumber, UserId};
use domain::lifecycle::Status;
use domain::ticket::{Head, Priority};
use domain::user::Role;

use super::{Item, Key, number_at, padded};

/// The name and key attributes of an index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Index {
    pub(crate) name: &'static str,
    pub(crate) hash: &'static str,
    pub(crate) range: &'static str,
}

/// Tickets by requester.
pub(crate) const BY_REQUESTER: Index = Index { name: "by_requester", hash: "requester_key", range: "number" };
/// Tickets by assignee. Contains no ticket that was never assigned.
pub(crate) const BY_ASSIGNEE: Index = Index { name: "by_assignee", hash: "assignee_key", range: "work_key" };
/// Tickets by status, and users by role.
pub(crate) const BY_STATUS: Index = Index { name: "by_status", hash: "status_key", range: "queue_key" };

/// Returns the hash key of a requester's tickets.
pub(crate) fn requester_key(user: UserId) -> String {
    format!("REQUESTER#{user}")
}

/// Returns the hash key of an assignee's tickets.
pub(crate) fn assignee_key(user: UserId) -> String {
    format!("ASSIGNEE#{user}")
}

/// Returns the hash key of all tickets with `status`.
pub(crate) fn status_key(status: Status) -> String {
    format!("STATUS#{}", status.as_str())
}

/// Returns the hash key of all users with `role`.
pub(crate) fn role_key(role: Role) -> String {
    format!("ROLE#{}", role.as_str())
}

/// Returns the range key prefix of an assignee's tickets with one status and, if given, one
/// priority.
pub(crate) fn work_prefix(status: Status, priority: Option<Priority>) -> String {
    format!("{}#{}", work_rank(status), priority.map_or_else(String::new, queue_prefix))
}

/// Returns the range key prefix of the ticket queue's tickets with one priority.
pub(crate) fn queue_prefix(priority: Priority) -> String {
    format!("{}#", priority_rank(priority))
}

/// Ranks a status so that active work sorts first and finished work last.
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

/// Returns all keys of a head's item, including those of the indexes.
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

/// Returns all keys of a user's item, including those of the index.
pub(crate) fn profile_keys(user: UserId, role: Role) -> Item {
    let mut keys = Key::profile(user).to_item();
    let mut add = |attribute: &str, value: String| {
        keys.insert(attribute.to_owned(), AttributeValue::S(value));
    };
    add(BY_STATUS.hash, role_key(role));
    add(BY_STATUS.range, user.to_string());
    keys
}

/// Reads the number at the end of an index key, after `ranks` ranks. Each rank is the digit of a
/// status or a priority.
pub(crate) fn number_behind_ranks(range: &str, ranks: usize) -> Option<TicketNumber> {
    let mut parts = range.split('#');
    let are_ranks = parts.by_ref().take(ranks).all(|rank| matches!(rank, "1" | "2" | "3" | "4"));
    let number = parts.next().and_then(number_at)?;
    (are_ranks && parts.next().is_none()).then_some(number)
}
