//! `POST /v1/tickets`: opens a ticket, for the caller or for another person.

use api::{Reply, Request, as_stored};
use desk::Desk;
use desk::Done;
use domain::limit::Limit;
use domain::permission::DeskAction;
use domain::ticket::{NewTicket, Ticket};
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::limits;
use edges::store::StoredResponse;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    let limit = limits::tickets_per_hour(&config)?;
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?, limit), create).await
}

async fn create((desk, tokens, limit): &(Desk, AccessTokens, Limit), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::OpenTicket, tokens)?;
    let new = NewTicket::from_body(request.json()?)?;
    let preconditions = request.preconditions(&actor)?.with_limit(*limit);
    let reply = |opened: &Ticket| Reply::created_ticket(opened.clone(), &actor);
    let ticket_of = |response: &StoredResponse| Reply::replayed(response.clone()).created_ticket_number();
    match desk.open_ticket(new, &actor, &preconditions, &as_stored(&reply), ticket_of).await? {
        Done::Executed(opened) => reply(&opened),
        Done::Replayed(response) => Ok(Reply::replayed(response)),
    }
}
