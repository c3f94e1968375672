//! `POST /v1/tickets/{number}/notes` — staff note something on a ticket that its requester never sees.

use api::{NoteView, Reply, Request, visible_head};
use domain::field::Fields;
use domain::permission::TicketAction;
use domain::text::NoteBody;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::{CommitError, Store};
use edges::{Fatal, clock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), create).await
}

async fn create((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor(tokens)?;
    let body: NoteBody = Fields::read(request.json()?, |fields| fields.required("body"))?;
    let head = visible_head(store, request.ticket_number()?, &actor).await?;
    // Before the answer of before: what staff may see, a person who is none any more may not.
    head.check_may(&actor, TicketAction::WriteNote)?;
    let terms = request.terms(&actor)?;
    if let Some(answer) = terms.replay(store).await? {
        return Ok(Reply::replayed(answer));
    }
    terms.check_version(head.seq)?;
    let note = head.note(body, &actor, clock::stamp())?;
    let reply = Reply::created_within(&NoteView::from(note.clone()))?;
    let answer = reply.to_answer();
    let version = terms.versions.is_some().then_some(head.seq);
    let written = store.write_note(&note, version, terms.keeping(&answer)).await;
    if matches!(written, Err(CommitError::Conflict)) {
        // The ticket moved on since it was read: the answer is that of a request that comes now.
        terms.check_version(visible_head(store, head.number, &actor).await?.seq)?;
    }
    api::committed(store, &terms, reply, async { written }).await
}
