//! `POST /v1/tickets/{number}/notes`: adds a staff note to a ticket. The requester never sees it.

use api::{NoteView, Reply, Request, as_stored, reply_or_replay};
use desk::Desk;
use domain::field::Fields;
use domain::ticket::Note;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), create).await
}

async fn create((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor(tokens)?;
    let body = Fields::read(request.json()?, |fields| fields.required("body"))?;
    let reply = |note: &Note| Reply::created_without_location(&NoteView::from(note.clone()));
    let preconditions = request.preconditions(&actor)?;
    let done = desk.write_note(request.ticket_number()?, body, &actor, &preconditions, &as_stored(&reply)).await?;
    reply_or_replay(done, reply)
}
