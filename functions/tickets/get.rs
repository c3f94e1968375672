//! `GET /v1/tickets/{number}` — a ticket.

use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Problem, Reply, Request};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), get).await
}

async fn get((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor(tokens)?;
    let ticket = store.ticket(request.ticket_number()?).await?.ok_or(Problem::NotFound)?;
    Reply::ticket(ticket.seen_by(&actor)?, &actor)
}
