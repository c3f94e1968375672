//! `PATCH /v1/tickets/{number}`: edits a ticket. `If-Match` names the version that the caller has.

use api::{Reply, Request, as_stored, reply_or_replay, ticket_reply};
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
    let (preconditions, reply) = (request.preconditions(&actor)?, ticket_reply(&actor));
    let done = desk.edit(request.ticket_number()?, patch, &actor, &preconditions, &as_stored(&reply)).await?;
    reply_or_replay(done, reply)
}
