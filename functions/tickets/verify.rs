//! `GET /v1/tickets/{number}/verify` — whether a ticket and its log are what was written.

use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Problem, Reply, Request, visible_head};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), verify).await
}

async fn verify((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor(tokens)?;
    let number = visible_head(store, request.ticket_number()?, &actor).await?.number;
    Reply::ok(&store.verify(number).await?.ok_or(Problem::NotFound)?)
}
