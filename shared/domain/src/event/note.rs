//! The event about a note. It says that the note exists, without its text.

use serde::{Deserialize, Serialize};

use super::envelope::{Content, Kind, UnreadableEvent};
use crate::id::{EventId, TicketNumber};
use crate::ticket::Note;
use crate::time::Timestamp;
use crate::user::Person;

const KIND: Kind = Kind { type_prefix: "helpdesk.note.", data_schema: "/schemas/note-event/1" };

/// The only type of note event.
const WRITTEN: &str = "written";

/// The event about a note on a ticket. Its recipient is the ticket's assignee at the time of
/// notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteEvent {
    /// The id of the event, which is also the id of the note.
    pub id: EventId,
    /// When the note was written.
    pub at: Timestamp,
    /// The ticket and the author.
    pub data: NoteEventData,
}

/// The data of the event apart from its id, type and time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteEventData {
    pub ticket: TicketNumber,
    /// The author.
    pub actor: Person,
    /// The service account that acted for the author, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Person>,
}

impl NoteEvent {
    /// Builds the event about a note.
    #[must_use]
    pub fn of(note: &Note) -> Self {
        Self {
            id: EventId::from_bytes(*note.id.as_bytes()),
            at: note.created_at,
            data: NoteEventData { ticket: note.ticket, actor: note.author.clone(), via: note.via.clone() },
        }
    }

    /// Serialises the event. Never fails for this type; serde's signature requires the `Result`.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        KIND.write(Content {
            id: self.id,
            event_type: WRITTEN.to_owned(),
            subject: format!("tickets/{}/notes", self.data.ticket),
            at: self.at,
            data: self.data.clone(),
        })
    }

    /// Parses a serialised event.
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

    /// A line that changes requires a new version of the format.
    const GOLDEN: &str = include_str!("../../tests-data/note-events.jsonl");

    fn event() -> NoteEvent {
        NoteEvent::of(&Note {
            id: NoteId::new(minute(9), [9; 10]),
            ticket: TicketNumber::new(42).unwrap(),
            author: tina(),
            via: None,
            body: NoteBody::parse("A secret between us.".to_owned()).unwrap(),
            created_at: minute(9),
        })
    }

    #[test]
    fn the_event_matches_its_golden_envelope_and_round_trips() {
        assert_eq!(GOLDEN.lines().collect::<Vec<_>>(), [event().to_json().unwrap()]);
        assert_eq!(NoteEvent::from_json(GOLDEN.trim_end()).unwrap(), event());
        assert!(!GOLDEN.contains("secret"));
        let mut by_service = event();
        by_service.data.via = Some(tina());
        assert_eq!(NoteEvent::from_json(&by_service.to_json().unwrap()).unwrap(), by_service);
    }

    #[test]
    fn an_invalid_note_event_is_refused() {
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
