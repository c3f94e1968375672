//! Views of tickets and of their verification.

use domain::id::TicketNumber;
use domain::lifecycle::Status;
use domain::log::Hash;
use domain::permission::Actor;
use domain::text::{Category, Description, Resolution, Tag, Title};
use domain::ticket::{Head, Priority, Ticket};
use domain::time::Timestamp;
use domain::user::Person;
use edges::store::Verified;
use serde::Serialize;

use crate::Problem;

/// A ticket as lists show it, without its long texts.
#[derive(Debug, Serialize)]
pub struct HeadView {
    pub number: TicketNumber,
    pub title: Title,
    pub status: Status,
    pub priority: Priority,
    pub category: Option<Category>,
    pub tags: Vec<Tag>,
    pub requester: Person,
    pub assignee: Option<Person>,
    pub follow_up_of: Option<TicketNumber>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub version: u64,
    pub allowed_actions: Vec<&'static str>,
}

impl HeadView {
    /// Shows the ticket as this actor sees it.
    #[must_use]
    pub fn of(head: Head, actor: Actor<'_>) -> Self {
        Self {
            allowed_actions: head.allowed_actions(actor),
            number: head.number,
            title: head.title,
            status: head.status,
            priority: head.priority,
            category: head.category,
            tags: head.tags,
            requester: head.requester,
            assignee: head.assignee,
            follow_up_of: head.follow_up_of,
            created_at: head.created_at,
            updated_at: head.updated_at,
            resolved_at: head.resolved_at,
            closed_at: head.closed_at,
            version: head.seq,
        }
    }
}

/// A ticket.
#[derive(Debug, Serialize)]
pub struct TicketView {
    #[serde(flatten)]
    pub head: HeadView,
    pub description: Description,
    pub resolution: Option<Resolution>,
}

impl TicketView {
    /// Shows the ticket as this actor sees it.
    #[must_use]
    pub fn of(ticket: Ticket, actor: Actor<'_>) -> Self {
        Self { head: HeadView::of(ticket.head, actor), description: ticket.description, resolution: ticket.resolution }
    }
}

/// The result of verifying a ticket, or a part of it if there was no time for all.
#[derive(Debug, Serialize)]
pub struct VerificationView {
    pub intact: Option<bool>,
    pub entries: u64,
    pub head_hash: Hash,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_broken_seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl VerificationView {
    /// Shows the result of a verification. A partial result shows where to continue.
    pub fn of(verified: Verified) -> Result<Self, Problem> {
        match verified {
            Verified::Complete(whole) => Ok(Self {
                intact: Some(whole.intact),
                entries: whole.entries,
                head_hash: whole.head_hash,
                first_broken_seq: whole.first_broken_seq,
                next_cursor: None,
            }),
            Verified::Partial { progress, head_hash } => Ok(Self {
                intact: None,
                entries: progress.entries(),
                head_hash,
                first_broken_seq: None,
                next_cursor: Some(progress.written()?),
            }),
        }
    }
}
