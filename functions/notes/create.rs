//! `POST /v1/tickets/{number}/notes` — staff note something on a ticket that its requester never sees.

use domain::field::Fields;
use domain::text::NoteBody;
use platform::auth::AccessTokens;
use platform::http::{self, NoteView, Problem, Reply, Request, visible_head};
use platform::store::{CommitError, Store};
use platform::{Fatal, clock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), create).await
}

async fn create((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor(tokens)?;
    let body: NoteBody = Fields::read(request.json()?, |fields| fields.required("body"))?;
    let head = visible_head(store, request.ticket_number()?, &actor).await?;
    let terms = request.terms(&actor)?;
    if let Some(answer) = terms.replay(store).await? {
        return Ok(Reply::replayed(answer));
    }
    terms.check_version(head.seq)?;
    let note = head.note(body, &actor, clock::stamp())?;
    let reply = Reply::created_within(&NoteView::from(note.clone()))?;
    match store.write_note(&note, terms.keeping(&reply.to_answer())).await {
        Ok(()) => Ok(reply),
        Err(CommitError::Replayed) => terms.replay(store).await?.map(Reply::replayed).ok_or(Problem::Conflict),
        Err(error) => Err(error.into()),
    }
}
