//! Writing a note.

use domain::id::TicketNumber;
use domain::permission::TicketAction;
use domain::text::NoteBody;
use domain::ticket::Note;
use domain::user::Person;
use edges::clock;
use edges::store::{CommitError, NoteTerms};

use crate::change::committed;
use crate::{Desk, Done, Keep, Terms, TicketError};

impl Desk {
    /// Adds a note to a ticket. The requester never sees it.
    pub async fn write_note(
        &self,
        number: TicketNumber,
        body: NoteBody,
        actor: &Person,
        terms: &Terms,
        keep: Keep<'_, Note>,
    ) -> Result<Done<Note>, TicketError> {
        let head = self.head(number, actor).await?;
        // Checked before the replay: a person who is no longer staff may not see what staff may
        // see.
        head.check_may(actor, TicketAction::WriteNote)?;
        if let Some(answer) = terms.replay(&self.store).await? {
            return Ok(Done::Before(answer));
        }
        terms.check_version(head.seq)?;
        let note = head.note(body, actor, clock::stamp())?;
        let answer = terms.answer(&note, keep)?;
        let version = terms.ask_for_a_version().then_some(head.seq);
        let of_note = NoteTerms { version, kept: terms.keeping(answer.as_ref()) };
        let written = self.store.write_note(&note, of_note).await;
        if matches!(written, Err(CommitError::Conflict)) {
            // The ticket changed since it was read: answers as if the request came now.
            terms.check_version(self.head(number, actor).await?.seq)?;
        }
        committed(&self.store, terms, note, written).await
    }
}
