//! Writing a note.

use domain::id::TicketNumber;
use domain::permission::Actor;
use domain::permission::TicketAction;
use domain::text::NoteBody;
use domain::ticket::Note;
use edges::clock;
use edges::store::{CommitError, NoteConditions};

use crate::change::done_or_replayed;
use crate::{BuildResponse, Desk, Done, Preconditions, TicketError};

impl Desk {
    /// Adds a note to a ticket. The requester never sees it.
    pub async fn write_note(
        &self,
        number: TicketNumber,
        body: NoteBody,
        actor: Actor<'_>,
        preconditions: &Preconditions,
        build_response: BuildResponse<'_, Note>,
    ) -> Result<Done<Note>, TicketError> {
        let head = self.head(number, actor).await?;
        // Checked before the replay: a person who is no longer staff may not see what staff may
        // see.
        head.check_permission(actor, TicketAction::WriteNote)?;
        if let Some(response) = preconditions.replay(&self.store).await? {
            return Ok(Done::Replayed(response));
        }
        preconditions.check_version(head.seq)?;
        let note = head.note(body, actor, clock::stamp())?;
        let response = preconditions.response_to_store(&note, build_response)?;
        let version = preconditions.has_version_condition().then_some(head.seq);
        let of_note = NoteConditions { version, stored: preconditions.with_key(response.as_ref()) };
        let written = self.store.write_note(&note, of_note).await;
        if matches!(written, Err(CommitError::Conflict)) {
            // The ticket changed since it was read, so its preconditions are checked again, as if
            // the request came now.
            preconditions.check_version(self.head(number, actor).await?.seq)?;
        }
        done_or_replayed(&self.store, preconditions, note, written).await
    }
}
