//! `POST /v1/tickets/{number}/assign` — a technician takes a ticket, or it is given or handed to one.

use api::{Reply, Request, changed};
use domain::field::Fields;
use domain::id::UserId;
use domain::user::{Person, User};
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;
use edges::{Fatal, clock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), assign).await
}

async fn assign((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor(tokens)?;
    let body = request.json_or_empty()?;
    let assignee_id: Option<UserId> = Fields::read(body, |fields| fields.optional("assignee_id"))?;
    let to = assignee_id.unwrap_or(actor.id);
    let technician = technician(store, to).await?;
    changed(store, &request, &actor, |ticket| ticket.assign(to, technician.clone(), &actor, clock::stamp())).await
}

/// The person of that id, if tickets may be assigned to them.
async fn technician(store: &Store, id: UserId) -> api::Result<Option<Person>> {
    let user = store.user(id).await?.filter(User::is_active_technician);
    Ok(user.map(|user| user.person()))
}
