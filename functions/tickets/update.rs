//! `PATCH /v1/tickets/{number}`: edits a ticket. `If-Match` names the version that the caller has.

use api::{Reply, Request, as_stored, reply_or_replay, ticket_reply};
use desk::{Callers, Desk};
use domain::permission::TicketAction;
use domain::ticket::TicketPatch;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, update).await
}

async fn update((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize_ticket(TicketAction::EditTexts, callers).await?;
    let patch = TicketPatch::from_body(request.json()?)?;
    request.require_if_match()?;
    let (preconditions, reply) = (request.preconditions(caller.actor())?, ticket_reply(caller.actor()));
    let done = desk.edit(request.ticket_number()?, patch, caller.actor(), &preconditions, &as_stored(&reply)).await?;
    reply_or_replay(done, reply)
}
