//! The internal notes of staff on a ticket. Notes are not part of the log, so a note changes
//! nothing that the requester can see.

use serde::{Deserialize, Serialize};

use super::head::Head;
use super::refusal::Refusal;
use crate::id::{NoteId, TicketNumber};
use crate::permission::Actor;
use crate::permission::TicketAction;
use crate::stamp::Stamp;
use crate::text::NoteBody;
use crate::time::Timestamp;
use crate::user::Person;

/// An internal note of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub id: NoteId,
    pub ticket: TicketNumber,
    /// The author, as they were at the time.
    pub author: Person,
    /// The service account that acted for the author, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Person>,
    pub body: NoteBody,
    pub created_at: Timestamp,
}

impl Head {
    /// Writes a note on the ticket, whatever its status.
    ///
    /// # Errors
    /// Fails with [`Refusal::Hidden`] or [`Refusal::Forbidden`].
    pub fn note(&self, body: NoteBody, author: Actor<'_>, stamp: Stamp) -> Result<Note, Refusal> {
        self.check_permission(author, TicketAction::WriteNote)?;
        let (id, created_at) = (stamp.note_id(), stamp.at());
        let (author, via) = (author.person.clone(), author.via.cloned());
        Ok(Note { id, ticket: self.number, author, via, body, created_at })
    }

    /// Checks that the actor may do this with the ticket, whatever its status.
    ///
    /// # Errors
    /// Fails with [`Refusal::Hidden`] or [`Refusal::Forbidden`].
    pub fn check_permission(&self, actor: Actor<'_>, action: TicketAction) -> Result<(), Refusal> {
        self.check_visible_to(actor)?;
        if self.role_of(actor).may(action) { Ok(()) } else { Err(self.forbidden(actor, action)) }
    }
}
