//! `PATCH /v1/tickets/{number}` — somebody edits a ticket. `If-Match` says which version they have in mind.

use api::{Reply, Request, changed};
use domain::ticket::TicketPatch;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;
use edges::{Fatal, clock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), update).await
}

async fn update((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor(tokens)?;
    let patch = TicketPatch::from_body(request.json()?)?;
    request.require_if_match()?;
    changed(store, &request, &actor, |ticket| ticket.patch(patch.clone(), &actor, clock::stamp())).await
}
