//! `GET /v1/tickets/{number}`: returns a ticket, unless the caller has its current version.

use api::{Reply, Request};
use desk::{Callers, Desk};
use domain::permission::TicketAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, get).await
}

async fn get((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize_ticket(TicketAction::SeeTicket, callers).await?;
    let conditions = request.version_conditions()?;
    let number = request.ticket_number()?;
    if conditions.is_none() {
        return Reply::ticket(desk.ticket(number, caller.actor()).await?, caller.actor());
    }
    // The head alone says which version it is.
    let head = desk.head(number, caller.actor()).await?;
    if conditions.is_not_modified(head.seq)? {
        return Ok(Reply::not_modified(&head));
    }
    Reply::ticket(desk.ticket_of(head).await?, caller.actor())
}
