//! The filters of a list of tickets, read from the query parameters.

use domain::lifecycle::Status;
use domain::permission::Actor;
use domain::text::{Line, comparison_form};
use domain::ticket::Priority;
use edges::store::{AssigneeFilter, TicketFilter};

use super::Problem;
use crate::request::Query;

/// The query parameters of a list of tickets, besides those of every list.
pub const TICKET_FILTERS: [&str; 6] = ["status", "assignee", "requester", "priority", "category", "tag"];

/// Reads the ticket filters from the query. `me` stands for the caller.
pub fn ticket_filter(query: &Query, actor: Actor<'_>) -> Result<TicketFilter, Problem> {
    let person = |text: &str| match text {
        "me" => Some(actor.person.id),
        id => id.parse().ok(),
    };
    let assignee = |text: &str| match text {
        "none" => Some(AssigneeFilter::Nobody),
        text => person(text).map(AssigneeFilter::Is),
    };
    let statuses = "one of open, in_progress, resolved, closed";
    let priorities = "one of low, normal, high, urgent";
    Ok(TicketFilter {
        status: query.parse("status", statuses, Status::named)?,
        assignee: query.parse("assignee", "me, none or the id of a user", assignee)?,
        requester: query.parse("requester", "me or the id of a user", person)?,
        priority: query.parse("priority", priorities, Priority::named)?,
        category: query.parse("category", "1 to 50 characters", word)?,
        tag: query.parse("tag", "1 to 30 characters", word)?,
    })
}

/// Parses a word whose compared form is short enough. A decomposed word may have more characters.
fn word<const MAX: usize>(text: &str) -> Option<Line<MAX>> {
    Line::parse(text.to_owned()).or_else(|_| Line::parse(comparison_form(text))).ok()
}
