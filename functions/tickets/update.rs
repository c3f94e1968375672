//! `PATCH /v1/tickets/{number}`: edits a ticket. `If-Match` names the version that the caller has.

use api::{Reply, Request, answered, kept, ticket_as};
use desk::Desk;
use domain::ticket::TicketPatch;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), update).await
}

async fn update((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor(tokens)?;
    let patch = TicketPatch::from_body(request.json()?)?;
    request.require_if_match()?;
    let (terms, reply) = (request.terms(&actor)?, ticket_as(&actor));
    let done = desk.edit(request.ticket_number()?, patch, &actor, &terms, &kept(&reply)).await?;
    answered(done, reply)
}
