//! `GET /v1/tickets`: lists the caller's own tickets, or all tickets for staff. `status=open` lists
//! the ticket queue.

use api::{HeadView, Paging, Reply, Request, TICKET_FILTERS, ticket_filter};
use desk::Desk;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), list).await
}

async fn list((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::ListOwnTickets, tokens)?;
    let (paging, query) = Paging::read(&request, &actor, &TICKET_FILTERS)?;
    let page = desk.list_tickets(ticket_filter(&query, &actor)?, &actor, paging.page_request()).await?;
    paging.reply(page, |head| HeadView::of(head, &actor))
}
