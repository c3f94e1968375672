//! `POST /v1/tickets/{number}/assign`: assigns a ticket. A technician takes it, or it is given or
//! handed over to one.

use api::{Reply, Request, as_stored, reply_or_replay, ticket_reply};
use desk::{Callers, Desk};
use domain::field::Fields;
use domain::id::UserId;
use domain::lifecycle::Command;
use domain::permission::TicketAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, assign).await
}

async fn assign((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize_ticket(TicketAction::Command(Command::Take), callers).await?;
    let to: Option<UserId> = Fields::read(request.json_or_empty()?, |fields| fields.optional("assignee_id"))?;
    let (preconditions, reply) = (request.preconditions(caller.actor())?, ticket_reply(caller.actor()));
    let number = request.ticket_number()?;
    let done =
        desk.assign(number, to.unwrap_or(caller.person.id), caller.actor(), &preconditions, &as_stored(&reply)).await?;
    reply_or_replay(done, reply)
}
