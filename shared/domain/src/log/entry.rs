//! One entry: what it holds, how it is appended, and its hash.

use serde::{Deserialize, Serialize};

use super::canonical::{Canonical, NAME, digest};
use super::change::{Field, FieldChange, FieldValue};
use super::hash::Hash;
use crate::id::{EventId, TicketNumber, UserId};
use crate::lifecycle::{EventType, Status};
use crate::permission::Standing;
use crate::stamp::{Salt, Stamp};
use crate::text::{CommentBody, Reason};
use crate::time::Timestamp;
use crate::user::Person;

/// One entry of a ticket's log: an event, or a public comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    pub ticket: TicketNumber,
    /// Its place in the ticket's log: 1, 2, 3 … without gaps.
    pub seq: u64,
    /// Identifies the entry, and the event that tells of it, everywhere and for ever.
    pub id: EventId,
    /// What happened.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// Who did it, as they were then.
    pub actor: Person,
    /// Whose ticket it was.
    pub requester_id: UserId,
    /// Who was assigned afterwards.
    pub assignee_id: Option<UserId>,
    /// When it happened.
    pub at: Timestamp,
    /// Where the ticket stood before; none for the first entry and for what does not move it on.
    pub from_status: Option<Status>,
    /// Where it stood after; none for what does not move it on.
    pub to_status: Option<Status>,
    /// The fields it changed.
    pub changes: Vec<FieldChange>,
    /// Why, in the actor's words.
    pub reason: Option<Reason>,
    /// What was said, if the entry is a comment.
    pub body: Option<CommentBody>,
    /// What the digests of its texts are salted with.
    pub salt: Salt,
    /// The hash of the entry before this one.
    pub previous_hash: Hash,
    /// SHA-256 over its canonical bytes.
    pub hash: Hash,
}

/// What an entry tells beside who, when and where in the log.
#[derive(Clone, Debug)]
pub struct Record {
    /// What happened.
    pub event_type: EventType,
    /// Where the ticket stood before.
    pub from_status: Option<Status>,
    /// Where it stands after.
    pub to_status: Option<Status>,
    /// The fields that changed.
    pub changes: Vec<FieldChange>,
    /// Why, in the actor's words.
    pub reason: Option<Reason>,
    /// What was said.
    pub body: Option<CommentBody>,
}

/// Where an entry goes: the ticket it is of, and the end of that ticket's log.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub ticket: TicketNumber,
    /// Whose ticket it is.
    pub requester_id: UserId,
    /// Who is assigned after this entry.
    pub assignee_id: Option<UserId>,
    /// The `seq` of the last entry; 0 before the first.
    pub last_seq: u64,
    /// When the last entry happened; none before the first.
    pub last_at: Option<Timestamp>,
    /// The hash of the last entry.
    pub last_hash: Hash,
}

impl LogEntry {
    /// The next entry of a log.
    #[must_use]
    pub fn append(place: Place, record: Record, actor: &Person, stamp: Stamp) -> Self {
        let at = stamp.at_after(place.last_at);
        let mut entry = Self {
            ticket: place.ticket,
            seq: place.last_seq + 1,
            id: stamp.id_at(at),
            event_type: record.event_type,
            actor: actor.clone(),
            requester_id: place.requester_id,
            assignee_id: place.assignee_id,
            at,
            from_status: record.from_status,
            to_status: record.to_status,
            changes: record.changes,
            reason: record.reason,
            body: record.body,
            salt: stamp.salt(),
            previous_hash: place.last_hash,
            hash: Hash::ZERO,
        };
        entry.hash = entry.computed_hash();
        entry
    }

    /// Whether the entry is a comment; otherwise it is an event.
    #[must_use]
    pub fn is_comment(&self) -> bool {
        self.event_type == EventType::Commented
    }

    /// Whether the entry is the reopening that this comment brought about. Whoever only asks reopens a
    /// resolved ticket by commenting on it, in the same change; so the two stand side by side.
    #[must_use]
    pub fn is_reopening_by(&self, comment: &Self) -> bool {
        self.event_type == EventType::Reopened
            && comment.is_comment()
            && self.seq == comment.seq + 1
            && self.actor.id == comment.actor.id
            && Standing::of(&comment.actor, comment.requester_id, comment.assignee_id).is_requester_only()
    }

    /// The entry as it is stored: without the long texts that another entry of its log has.
    #[must_use]
    pub fn stored(&self) -> Self {
        let mut stored = self.clone();
        for change in stored.changes.iter_mut().filter(|change| change.old_seq.is_some()) {
            change.old = None;
        }
        stored
    }

    /// Where the old texts stand that it was stored without: each field, and the `seq` of the entry that gave it the text.
    pub fn missing_texts(&self) -> impl Iterator<Item = (Field, u64)> {
        let missing = self.changes.iter().filter(|change| change.old.is_none());
        missing.filter_map(|change| Some((change.field, change.old_seq?)))
    }

    /// Puts the old texts in that it was stored without, as far as `text` has them.
    pub fn fill_in(&mut self, text: impl Fn(Field, u64) -> Option<String>) {
        for change in self.changes.iter_mut().filter(|change| change.old.is_none()) {
            change.old = change.old_seq.and_then(|seq| text(change.field, seq)).map(FieldValue::Text);
        }
    }

    /// The text it gave a field, if it gave it one.
    #[must_use]
    pub fn new_text(&self, field: Field) -> Option<&String> {
        self.changes.iter().find(|change| change.field == field)?.new_text()
    }

    /// The hash its present content has. It differs from [`LogEntry::hash`] if anything was changed after the fact, and until an old
    /// text that it was stored without is filled in.
    #[must_use]
    pub fn computed_hash(&self) -> Hash {
        let mut canonical = Canonical::new();
        canonical.text(&self.ticket.to_string());
        canonical.text(&self.seq.to_string());
        canonical.text(&self.id.to_string());
        canonical.text(self.event_type.as_str());
        canonical.text(&self.actor.id.to_string());
        canonical.text(self.actor.role.as_str());
        canonical.text(&self.digest(NAME, self.actor.name.as_str()));
        canonical.text(&self.requester_id.to_string());
        canonical.optional(self.assignee_id.map(|id| id.to_string()).as_deref());
        canonical.text(&self.at.to_string());
        canonical.optional(self.from_status.map(Status::as_str));
        canonical.optional(self.to_status.map(Status::as_str));
        for FieldChange { field, old, new, .. } in &self.changes {
            let value = |value: &FieldValue| self.canonical_value(*field, value);
            canonical.text(field.as_str());
            canonical.optional(old.as_ref().map(value).as_deref());
            canonical.optional(new.as_ref().map(value).as_deref());
        }
        let digest = |name, text| self.digest(name, text);
        let reason = self.reason.as_ref().map(Reason::as_str);
        let body = self.body.as_ref().map(CommentBody::as_str);
        canonical.optional(reason.map(|text| digest("reason", text)).as_deref());
        canonical.optional(body.map(|text| digest("body", text)).as_deref());
        canonical.bytes(&self.previous_hash.0);
        canonical.hash()
    }

    fn canonical_value(&self, field: Field, value: &FieldValue) -> String {
        let digest = |text: &str| self.digest(field.as_str(), text);
        match value {
            FieldValue::Text(text) => digest(text),
            FieldValue::Texts(texts) => {
                let digests: Vec<String> = texts.iter().map(|text| digest(text)).collect();
                format!("[{}]", digests.join(","))
            }
            FieldValue::Ticket(number) => number.to_string(),
            FieldValue::Person(Person { id, name, role }) => {
                format!("{id} {} {}", role.as_str(), self.digest(NAME, name.as_str()))
            }
        }
    }

    fn digest(&self, field: &str, text: &str) -> String {
        digest(&self.salt, field, text)
    }
}
