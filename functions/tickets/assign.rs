//! `POST /v1/tickets/{number}/assign`: assigns a ticket. A technician takes it, or it is given or
//! handed over to one.

use api::{Reply, Request, as_stored, reply_or_replay, ticket_reply};
use desk::Desk;
use domain::field::Fields;
use domain::id::UserId;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), assign).await
}

async fn assign((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor(tokens)?;
    let to: Option<UserId> = Fields::read(request.json_or_empty()?, |fields| fields.optional("assignee_id"))?;
    let (preconditions, reply) = (request.preconditions(&actor)?, ticket_reply(&actor));
    let number = request.ticket_number()?;
    let done = desk.assign(number, to.unwrap_or(actor.id), &actor, &preconditions, &as_stored(&reply)).await?;
    reply_or_replay(done, reply)
}
