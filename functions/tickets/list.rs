//! `GET /v1/tickets`: lists the caller's own tickets, or all tickets for staff. `status=open` lists
//! the ticket queue.

use api::{HeadView, Paging, Reply, Request, TICKET_FILTERS, ticket_filter};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, Desk::with_callers(&config).await?, list).await
}

async fn list((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::ListOwnTickets, callers).await?;
    let (paging, query) = Paging::read(&request, caller.actor(), &TICKET_FILTERS)?;
    let page = desk.list_tickets(ticket_filter(&query, caller.actor())?, caller.actor(), paging.page_request()).await?;
    paging.reply(page, |head| HeadView::of(head, caller.actor()))
}
