//! Reads tickets, as far as a person may see them.

use domain::id::TicketNumber;
use domain::log::LogEntry;
use domain::permission::Actor;
use domain::permission::{DeskAction, TicketAction};
use domain::ticket::{Head, Note, Refusal, Ticket};
use edges::clock::Deadline;
use edges::store::{
    LogKind, LogOrNote, LogOrder, Page, StoreError, TicketFilter, VerificationProgress, Verified, VerifiedPage,
};

use crate::{Desk, TicketError};

/// A page to read.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest<'a> {
    /// The store's cursor, at which the previous page ended. `None` for the first page.
    pub after: Option<&'a str>,
    /// The maximum number of items.
    pub limit: usize,
}

impl Desk {
    /// Reads a ticket with its long texts.
    pub async fn ticket(&self, number: TicketNumber, actor: Actor<'_>) -> Result<Ticket, TicketError> {
        let ticket = self.store.ticket(number).await?.ok_or(Refusal::Hidden)?;
        Ok(ticket.visible_to(actor)?)
    }

    /// Reads the head of a ticket.
    pub async fn head(&self, number: TicketNumber, actor: Actor<'_>) -> Result<Head, TicketError> {
        let head = self.store.head(number).await?.ok_or(Refusal::Hidden)?;
        head.check_visible_to(actor)?;
        Ok(head)
    }

    /// Adds its long texts to the head of a ticket.
    pub async fn ticket_of(&self, head: Head) -> Result<Ticket, TicketError> {
        Ok(self.store.ticket_of(head).await?)
    }

    /// Lists tickets. A person who may not list all tickets gets only their own.
    pub async fn list_tickets(
        &self,
        mut filter: TicketFilter,
        actor: Actor<'_>,
        page: PageRequest<'_>,
    ) -> Result<Page<Head>, TicketError> {
        if !actor.may(DeskAction::ListAllTickets)
            && filter.requester.replace(actor.person.id).is_some_and(|other| other != actor.person.id)
        {
            return Ok(Page::empty());
        }
        Ok(self.store.list_tickets(&filter, page.after, page.limit).await?)
    }

    /// Lists the log entries of one kind of a ticket, oldest first.
    pub async fn log(
        &self,
        number: TicketNumber,
        kind: LogKind,
        actor: Actor<'_>,
        page: PageRequest<'_>,
    ) -> Result<Page<LogEntry>, TicketError> {
        let head = self.head(number, actor).await?;
        Ok(self.store.log(&head, kind, LogOrder::OldestFirst, page.after, page.limit).await?)
    }

    /// Lists the notes on a ticket, oldest first.
    pub async fn notes(
        &self,
        number: TicketNumber,
        actor: Actor<'_>,
        page: PageRequest<'_>,
    ) -> Result<Page<Note>, TicketError> {
        let head = self.head(number, actor).await?;
        head.check_permission(actor, TicketAction::SeeNotes)?;
        Ok(self.store.notes(head.number, LogOrder::OldestFirst, page.after, page.limit).await?)
    }

    /// Lists everything on a ticket. Notes are read only if the actor may see them.
    pub async fn timeline(
        &self,
        number: TicketNumber,
        order: LogOrder,
        actor: Actor<'_>,
        page: PageRequest<'_>,
    ) -> Result<Page<LogOrNote>, TicketError> {
        let head = self.head(number, actor).await?;
        if head.role_of(actor).may(TicketAction::SeeNotes) {
            return Ok(self.store.log_with_notes(&head, order, page.after, page.limit).await?);
        }
        let page = self.store.log(&head, LogKind::All, order, page.after, page.limit).await?;
        Ok(page.map(|entry| LogOrNote::Entry(Box::new(entry))))
    }

    /// Verifies that a ticket and its log are unaltered. Continues where `begun` ended, and stops
    /// at the deadline.
    pub async fn verify(
        &self,
        number: TicketNumber,
        begun: Option<VerificationProgress>,
        actor: Actor<'_>,
        until: Deadline,
    ) -> Result<Verified, TicketError> {
        self.head(number, actor).await?;
        Ok(self.store.verify(number, begun, until).await?.ok_or(Refusal::Hidden)?)
    }

    /// Verifies the tickets after a cursor, newest first, until the deadline. Everyone who may call
    /// this may see every ticket.
    pub async fn verify_page(&self, after: Option<&str>, until: Deadline) -> Result<VerifiedPage, StoreError> {
        self.store.verify_page(after, until).await
    }
}
