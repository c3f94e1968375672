//! `GET /v1/tickets/{number}/timeline`: lists a ticket's events and comments in order. Staff also
//! get the notes.

use api::{Paging, Reply, Request, TimelineItem};
use desk::{Callers, Desk};
use domain::permission::TicketAction;
use edges::Fatal;
use edges::config::Config;
use edges::store::LogOrder;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, Desk::with_callers(&config).await?, get).await
}

async fn get((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize_ticket(TicketAction::SeeTicket, callers).await?;
    let (paging, query) = Paging::read(&request, caller.actor(), &["order"])?;
    let order = query.parse("order", "asc or desc", |order| match order {
        "asc" => Some(LogOrder::OldestFirst),
        "desc" => Some(LogOrder::NewestFirst),
        _ => None,
    })?;
    let order = order.unwrap_or(LogOrder::OldestFirst);
    let page = desk.timeline(request.ticket_number()?, order, caller.actor(), paging.page_request()).await?;
    paging.reply(page, TimelineItem::from)
}
