//! `GET /v1/tickets/{number}/notes`: lists a ticket's staff notes, oldest first.

use api::{NoteView, Paging, Reply, Request};
use desk::{Callers, Desk};
use domain::permission::TicketAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, Desk::with_callers(&config).await?, list).await
}

async fn list((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize_ticket(TicketAction::SeeNotes, callers).await?;
    let (paging, _) = Paging::read(&request, caller.actor(), &[])?;
    let page = desk.notes(request.ticket_number()?, caller.actor(), paging.page_request()).await?;
    paging.reply(page, NoteView::from)
}
