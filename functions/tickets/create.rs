//! `POST /v1/tickets`: opens a ticket, for the caller or for another person.

use api::{Reply, Request, kept};
use desk::Desk;
use desk::Done;
use domain::permission::DeskAction;
use domain::ticket::{NewTicket, Ticket};
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Answer;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), create).await
}

async fn create((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::OpenTicket, tokens)?;
    let new = NewTicket::from_body(request.json()?)?;
    let terms = request.terms(&actor)?;
    let reply = |opened: &Ticket| Reply::created_ticket(opened.clone(), &actor);
    let ticket_of = |answer: &Answer| Reply::replayed(answer.clone()).made_ticket();
    match desk.open_ticket(new, &actor, &terms, &kept(&reply), ticket_of).await? {
        Done::Now(opened) => reply(&opened),
        Done::Before(answer) => Ok(Reply::replayed(answer)),
    }
}
