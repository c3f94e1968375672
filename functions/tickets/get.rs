//! `GET /v1/tickets/{number}` — a ticket, unless the caller has it as it is.

use api::{Problem, Reply, Request};
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), get).await
}

async fn get((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor(tokens)?;
    let ticket = store.ticket(request.ticket_number()?).await?.ok_or(Problem::NotFound)?;
    let ticket = ticket.seen_by(&actor)?;
    if request.has_version(ticket.head.seq)? {
        return Ok(Reply::not_modified(&ticket.head));
    }
    Reply::ticket(ticket, &actor)
}
