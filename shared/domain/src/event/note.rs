//! The event of a note: that there is one, and nothing of what it says.

use serde::{Deserialize, Serialize};

use super::envelope::{Content, Kind, UnreadableEvent};
use crate::id::{EventId, TicketNumber};
use crate::ticket::Note;
use crate::time::Timestamp;
use crate::user::Person;

const KIND: Kind = Kind { type_prefix: "helpdesk.note.", data_schema: "/schemas/note-event/1" };

/// The one thing that happens to notes.
const WRITTEN: &str = "written";

/// Staff noted something on a ticket. Whom it concerns is decided when they are told: it is for the assignee then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteEvent {
    /// Identifies the event, as the note is identified.
    pub id: EventId,
    /// When the note was written.
    pub at: Timestamp,
    /// On which ticket, and by whom.
    pub data: NoteEventData,
}

/// What the event tells beside what and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteEventData {
    pub ticket: TicketNumber,
    /// Who wrote it.
    pub actor: Person,
}

impl NoteEvent {
    /// The event that tells of a note.
    #[must_use]
    pub fn of(note: &Note) -> Self {
        Self {
            id: EventId::from_bytes(*note.id.as_bytes()),
            at: note.created_at,
            data: NoteEventData { ticket: note.ticket, actor: note.author.clone() },
        }
    }

    /// The event as it is sent.
    ///
    /// # Errors
    /// Never for an event of this type; serde's signature asks for it.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        KIND.write(Content {
            id: self.id,
            event_type: WRITTEN.to_owned(),
            subject: format!("tickets/{}/notes", self.data.ticket),
            at: self.at,
            data: self.data.clone(),
        })
    }

    /// The event that was sent as this text.
    pub fn from_json(text: &str) -> Result<Self, UnreadableEvent> {
        let content: Content<NoteEventData> = KIND.read(text)?;
        if content.event_type != WRITTEN {
            return Err(KIND.unknown_type(&content.event_type));
        }
        Ok(Self { id: content.id, at: content.at, data: content.data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::NoteId;
    use crate::samples::{minute, tina};
    use crate::text::NoteBody;

    /// A line that changes takes a new version of the form.
    const GOLDEN: &str = include_str!("../../tests-data/note-events.jsonl");

    fn event() -> NoteEvent {
        NoteEvent::of(&Note {
            id: NoteId::new(minute(9), [9; 10]),
            ticket: TicketNumber::new(42).unwrap(),
            author: tina(),
            body: NoteBody::parse("A secret between us.".to_owned()).unwrap(),
            created_at: minute(9),
        })
    }

    #[test]
    fn the_envelope_is_the_one_under_version_control_and_is_read_back() {
        assert_eq!(GOLDEN.lines().collect::<Vec<_>>(), [event().to_json().unwrap()]);
        assert_eq!(NoteEvent::from_json(GOLDEN.trim_end()).unwrap(), event());
        assert!(!GOLDEN.contains("secret"));
    }

    #[test]
    fn what_is_no_event_of_a_note_is_refused() {
        for (from, to) in [
            ("helpdesk.note.written", "helpdesk.note.read"),
            ("helpdesk.note.written", "helpdesk.ticket.opened"),
            ("note-event/1", "note-event/2"),
            ("\"data\":{", "\"data\":{\"body\":\"x\","),
        ] {
            let changed = GOLDEN.trim_end().replace(from, to);
            assert!(NoteEvent::from_json(&changed).is_err(), "{changed}");
        }
    }
}
