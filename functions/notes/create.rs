//! `POST /v1/tickets/{number}/notes`: adds a staff note to a ticket. The requester never sees it.

use api::{NoteView, Reply, Request, as_stored, reply_or_replay};
use desk::{Callers, Desk};
use domain::field::Fields;
use domain::permission::TicketAction;
use domain::ticket::Note;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, create).await
}

async fn create((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize_ticket(TicketAction::WriteNote, callers).await?;
    let body = Fields::read(request.json()?, |fields| fields.required("body"))?;
    let reply = |note: &Note| Reply::created_without_location(&NoteView::from(note.clone()));
    let preconditions = request.preconditions(caller.actor())?;
    let done =
        desk.write_note(request.ticket_number()?, body, caller.actor(), &preconditions, &as_stored(&reply)).await?;
    reply_or_replay(done, reply)
}
