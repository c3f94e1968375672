//! `POST /v1/tickets`: opens a ticket, for the caller or for another person.

use api::{Reply, Request, as_stored};
use desk::{Callers, Desk, Done};
use domain::limit::Limits;
use domain::permission::DeskAction;
use domain::ticket::{NewTicket, Ticket};
use edges::Fatal;
use edges::config::Config;
use edges::limits;
use edges::store::StoredResponse;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    let per_hour = limits::tickets_per_hour(&config)?;
    let (desk, callers) = Desk::with_callers(&config).await?;
    api::serve(&config, (desk, callers, per_hour), create).await
}

async fn create((desk, callers, limits): &(Desk, Callers, Limits), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::OpenTicket, callers).await?;
    let new = NewTicket::from_body(request.json()?)?;
    let preconditions = request.preconditions(caller.actor())?.with_limit(caller.limit(*limits));
    let reply = |opened: &Ticket| Reply::created_ticket(opened.clone(), caller.actor());
    let ticket_of = |response: &StoredResponse| Reply::replayed(response.clone()).created_ticket_number();
    match desk.open_ticket(new, caller.actor(), &preconditions, &as_stored(&reply), ticket_of).await? {
        Done::Executed(opened) => reply(&opened),
        Done::Replayed(response) => Ok(Reply::replayed(response)),
    }
}
