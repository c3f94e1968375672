//! `PATCH /v1/tickets/{number}` — somebody edits a ticket. `If-Match` says which version they have in mind.

use domain::ticket::TicketPatch;
use platform::auth::AccessTokens;
use platform::http::{self, Reply, Request, changed};
use platform::store::Store;
use platform::{Fatal, clock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), update).await
}

async fn update((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor(tokens)?;
    let patch = TicketPatch::from_body(request.json()?)?;
    request.require_if_match()?;
    changed(store, &request, &actor, |ticket| ticket.patch(patch.clone(), &actor, clock::stamp())).await
}
