//! `POST /v1/tickets/{number}/notes` — staff note something on a ticket that its requester never sees.

use domain::field::Fields;
use domain::text::NoteBody;
use platform::auth::AccessTokens;
use platform::http::{self, NoteView, Reply, Request, visible_head};
use platform::store::Store;
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
    let answer = reply.to_answer();
    http::committed(store, &terms, reply, store.write_note(&note, terms.keeping(&answer))).await
}
