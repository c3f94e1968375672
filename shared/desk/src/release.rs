//! Releases the tickets of a person who left.

use std::time::Duration;

use domain::id::{TicketNumber, UserId};
use domain::lifecycle::Status;
use domain::log::DeskReason;
use domain::permission::Actor;
use domain::ticket::{CommandRequest, Head};
use domain::user::{Person, User};
use edges::store::{AssigneeFilter, Page, StoreError, TicketFilter};

use crate::{Desk, TicketError};

/// How long an index may lag behind its table. DynamoDB promises no bound, but usually propagates
/// within a second (developer guide, "Using Global Secondary Indexes").
const INDEX_LAG: Duration = Duration::from_secs(1);
/// The number of tickets read in one call.
const TICKETS_PER_PAGE: usize = 25;

/// The reason why a ticket was not released. The other tickets were.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// This ticket was not released.
    #[error("ticket {0} was not released: {1}")]
    Ticket(TicketNumber, TicketError),
    /// The tickets cannot be listed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Desk {
    /// Releases the tickets that a person works on, in the name of the admin who changed the
    /// account. Does nothing if the person is an active technician, or is one again.
    pub async fn release_tickets(&self, user_id: UserId, actor: &Person) -> Result<(), ReleaseError> {
        let theirs = TicketFilter {
            assignee: Some(AssigneeFilter::Is(user_id)),
            status: Some(Status::InProgress),
            ..TicketFilter::default()
        };
        // The index may not yet contain a ticket that was taken a moment before. The query is
        // therefore repeated until it returns no tickets. The account may be active again by then,
        // with new tickets that are its own.
        let mut is_first = true;
        while !self.keeps_tickets(user_id).await? {
            let released = self.release_all(&theirs, user_id, actor).await?;
            if released == 0 && !is_first {
                break;
            }
            is_first = false;
            tokio::time::sleep(INDEX_LAG).await;
        }
        Ok(())
    }

    /// Returns whether the person is an active technician, or there is no such account.
    async fn keeps_tickets(&self, user_id: UserId) -> Result<bool, StoreError> {
        Ok(self.store.user(user_id).await?.as_ref().is_none_or(User::is_active_technician))
    }

    /// Releases all tickets that the index returns, even if one of them fails. Returns the number
    /// of tickets.
    async fn release_all(&self, theirs: &TicketFilter, user_id: UserId, actor: &Person) -> Result<usize, ReleaseError> {
        let reason = DeskReason::AssigneeLeft.for_log();
        let release = CommandRequest::Release(Some(reason));
        let is_theirs = |head: &Head| head.status == Status::InProgress && head.assignee_id() == Some(user_id);
        let (mut released, mut failure, mut after) = (0, None, None);
        loop {
            let page: Page<Head> = self.store.list_tickets(theirs, after.as_deref(), TICKETS_PER_PAGE).await?;
            for head in page.items {
                released += 1;
                let done = self.execute_if(head.number, Actor::of(actor), &release, is_theirs).await;
                failure = done.err().map(|error| ReleaseError::Ticket(head.number, error)).or(failure);
            }
            after = page.next;
            if after.is_none() {
                return failure.map_or(Ok(released), Err);
            }
        }
    }
}
