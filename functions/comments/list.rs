//! `GET /v1/tickets/{number}/comments`: lists a ticket's comments, oldest first.

use api::{CommentView, Paging, Reply, Request};
use desk::{Callers, Desk};
use domain::permission::TicketAction;
use edges::Fatal;
use edges::config::Config;
use edges::store::LogKind;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, Desk::with_callers(&config).await?, list).await
}

async fn list((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize_ticket(TicketAction::SeeTicket, callers).await?;
    let (paging, _) = Paging::read(&request, caller.actor(), &[])?;
    let page = desk.log(request.ticket_number()?, LogKind::Comments, caller.actor(), paging.page_request()).await?;
    paging.reply(page, CommentView::from)
}
