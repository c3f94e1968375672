//! A log entry: its content, how it is appended, and its hash.

use serde::{Deserialize, Serialize};

use super::canonical::{Canonical, NAME, digest};
use super::change::{Field, FieldChange, FieldValue};
use super::hash::Hash;
use crate::id::{EventId, TicketNumber, UserId};
use crate::lifecycle::{EventType, Status};
use crate::permission::{Actor, TicketRole};
use crate::stamp::{Salt, Stamp};
use crate::text::{CommentBody, Reason};
use crate::time::Timestamp;
use crate::user::Person;

/// One entry of a ticket's log: a change, or a public comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    pub ticket: TicketNumber,
    /// The position in the ticket's log: 1, 2, 3 … without gaps.
    pub seq: u64,
    /// The id of the entry and of its event, globally and permanently unique.
    pub id: EventId,
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// The actor, as they were at the time.
    pub actor: Person,
    /// The service account that acted for the actor, as it was at the time. Absent if the actor
    /// acted without one, and in all entries from before there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Person>,
    /// The requester of the ticket.
    pub requester_id: UserId,
    /// The assignee after the entry.
    pub assignee_id: Option<UserId>,
    pub at: Timestamp,
    /// The status of the ticket before. `None` for the first entry and for entries without a status
    /// change.
    pub from_status: Option<Status>,
    /// The status after. `None` for entries without a status change.
    pub to_status: Option<Status>,
    pub changes: Vec<FieldChange>,
    /// The reason, in the actor's words.
    pub reason: Option<Reason>,
    /// The text, if the entry is a comment.
    pub body: Option<CommentBody>,
    /// The salt of the digests of its texts.
    pub salt: Salt,
    /// The hash of the previous entry.
    pub previous_hash: Hash,
    /// The SHA-256 of its canonical bytes.
    pub hash: Hash,
}

/// The content of an entry apart from its actor, its time and its place in the log.
#[derive(Clone, Debug)]
pub struct EntryContent {
    pub event_type: EventType,
    /// The status of the ticket before.
    pub from_status: Option<Status>,
    /// The status after.
    pub to_status: Option<Status>,
    pub changes: Vec<FieldChange>,
    /// The reason, in the actor's words.
    pub reason: Option<Reason>,
    /// The text of a comment.
    pub body: Option<CommentBody>,
}

/// The end of a ticket's log, where the next entry is appended.
#[derive(Clone, Copy, Debug)]
pub struct LogEnd {
    pub ticket: TicketNumber,
    /// The requester of the ticket.
    pub requester_id: UserId,
    /// The assignee after this entry.
    pub assignee_id: Option<UserId>,
    /// The `seq` of the last entry. 0 before the first.
    pub last_seq: u64,
    /// The time of the last entry. `None` before the first.
    pub last_at: Option<Timestamp>,
    pub last_hash: Hash,
}

impl LogEntry {
    /// Creates the next entry of a log.
    #[must_use]
    pub fn append(end: LogEnd, content: EntryContent, actor: Actor<'_>, stamp: Stamp) -> Self {
        let at = stamp.at_after(end.last_at);
        let mut entry = Self {
            ticket: end.ticket,
            seq: end.last_seq + 1,
            id: stamp.id_at(at),
            event_type: content.event_type,
            actor: actor.person.clone(),
            via: actor.via.cloned(),
            requester_id: end.requester_id,
            assignee_id: end.assignee_id,
            at,
            from_status: content.from_status,
            to_status: content.to_status,
            changes: content.changes,
            reason: content.reason,
            body: content.body,
            salt: stamp.salt(),
            previous_hash: end.last_hash,
            hash: Hash::ZERO,
        };
        entry.hash = entry.computed_hash();
        entry
    }

    /// Returns whether the entry is a comment rather than a change.
    #[must_use]
    pub fn is_comment(&self) -> bool {
        self.event_type == EventType::Commented
    }

    /// Returns whether the entry is the reopening caused by this comment. A person who is only the
    /// requester reopens a resolved ticket by commenting on it, in the same change. So the two
    /// entries are adjacent.
    #[must_use]
    pub fn is_reopening_by(&self, comment: &Self) -> bool {
        self.event_type == EventType::Reopened
            && comment.is_comment()
            && self.seq == comment.seq + 1
            && self.actor.id == comment.actor.id
            && TicketRole::of(&comment.actor, comment.requester_id, comment.assignee_id).is_requester_only()
    }

    /// Returns the entry as it is stored: without the long texts that another entry of its log
    /// holds.
    #[must_use]
    pub fn stored(&self) -> Self {
        let mut stored = self.clone();
        for change in stored.changes.iter_mut().filter(|change| change.old_seq.is_some()) {
            change.old = None;
        }
        stored
    }

    /// Returns where to find the old texts that are not stored with the entry: each field, and the
    /// `seq` of the entry that introduced the text.
    pub fn omitted_texts(&self) -> impl Iterator<Item = (Field, u64)> {
        let missing = self.changes.iter().filter(|change| change.old.is_none());
        missing.filter_map(|change| Some((change.field, change.old_seq?)))
    }

    /// Fills in the old texts that are not stored with the entry, as far as `text` returns them.
    pub fn fill_in(&mut self, text: impl Fn(Field, u64) -> Option<String>) {
        for change in self.changes.iter_mut().filter(|change| change.old.is_none()) {
            change.old = change.old_seq.and_then(|seq| text(change.field, seq)).map(FieldValue::Text);
        }
    }

    /// Returns the text that the entry gave a field, if any.
    #[must_use]
    pub fn new_text(&self, field: Field) -> Option<&String> {
        self.changes.iter().find(|change| change.field == field)?.new_text()
    }

    /// Computes the hash of the present content. It differs from [`LogEntry::hash`] if anything was
    /// altered afterwards, or while an old text that is not stored with the entry is not filled in.
    #[must_use]
    pub fn computed_hash(&self) -> Hash {
        let mut canonical = Canonical::new(if self.via.is_some() { "helpdesk-log-2" } else { "helpdesk-log-1" });
        canonical.text(&self.ticket.to_string());
        canonical.text(&self.seq.to_string());
        canonical.text(&self.id.to_string());
        canonical.text(self.event_type.as_str());
        canonical.text(&self.actor.id.to_string());
        canonical.text(self.actor.role.as_str());
        canonical.text(&self.digest(NAME, self.actor.name.as_str()));
        if let Some(via) = &self.via {
            canonical.text(&via.id.to_string());
            canonical.text(via.role.as_str());
            canonical.text(&self.digest(NAME, via.name.as_str()));
        }
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
