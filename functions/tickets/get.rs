//! `GET /v1/tickets/{number}`: returns a ticket, unless the caller has its current version.

use api::{Reply, Request};
use desk::Desk;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), get).await
}

async fn get((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor(tokens)?;
    let conditions = request.version_conditions()?;
    let number = request.ticket_number()?;
    if conditions.is_none() {
        return Reply::ticket(desk.ticket(number, &actor).await?, &actor);
    }
    // The head alone says which version it is.
    let head = desk.head(number, &actor).await?;
    if conditions.is_not_modified(head.seq)? {
        return Ok(Reply::not_modified(&head));
    }
    Reply::ticket(desk.ticket_of(head).await?, &actor)
}
