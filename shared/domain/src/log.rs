//! The log of a ticket: one numbered entry for everything that happened, each chained to the one before.
//!
//! # The chain
//!
//! `hash` is SHA-256 over the entry's canonical bytes, which end in the hash of the entry before (32 zero bytes before the
//! first). The canonical bytes are these fields in this order, each as its length in bytes (32 bits, most significant byte
//! first) and then its UTF-8 bytes; an absent field is the length `ffffffff` alone:
//!
//! `"helpdesk-log-1"`, ticket number, `seq`, `id`, `type`, actor id, actor role, actor name, requester id, assignee id, `at`, `from_status`, `to_status`,
//! then for each change its field name, old value and new value, then `reason`, `body`, and the hash before.
//!
//! Numbers are decimal. A text stands as SHA-256 over salt, field name, `:` and text, in hexadecimal; a list of texts as theirs
//! in `[` and `]`, with `,` between; a name as a text of the field `name`. A person in a change stands as id, role and name with
//! spaces between. No text and no name is in it, only its digest, so that either can be erased one day, the digest left in its
//! place, and the chain still verifies; until then not a letter of one can be altered.
//!
//! The old text of a description or of a resolution is stored once, in the entry that gave it. The change that ends it has that
//! entry's `seq`, `old_seq`, in its place; the digest is that of the text there.

mod hash;
mod reason;
mod verification;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use hash::Hash;
pub use reason::DeskReason;
pub use verification::{Verification, Verifier};

use crate::hex::hex;
use crate::id::{EventId, TicketNumber, UserId};
use crate::lifecycle::Status;
use crate::permission::Standing;
use crate::stamp::{Salt, Stamp};
use crate::text::{CommentBody, Reason};
use crate::time::Timestamp;
use crate::user::Person;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventType {
    /// The ticket was opened.
    Opened,
    /// Somebody took it or was given it.
    Assigned,
    /// It went from one assignee to another.
    HandedOver,
    /// Its assignee put it back into the queue.
    Released,
    /// A resolution was given.
    Resolved,
    /// The resolution did not hold.
    Reopened,
    /// The resolution held.
    Closed,
    /// The help was no longer needed.
    Withdrawn,
    /// Fields of it were edited.
    Updated,
    /// Somebody said something. Its entry is a comment; every other entry is an event.
    Commented,
}

impl EventType {
    /// Every type.
    pub const ALL: [Self; 10] = [
        Self::Opened,
        Self::Assigned,
        Self::HandedOver,
        Self::Released,
        Self::Resolved,
        Self::Reopened,
        Self::Closed,
        Self::Withdrawn,
        Self::Updated,
        Self::Commented,
    ];

    /// Its name in answers, messages and canonical bytes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Assigned => "assigned",
            Self::HandedOver => "handed_over",
            Self::Released => "released",
            Self::Resolved => "resolved",
            Self::Reopened => "reopened",
            Self::Closed => "closed",
            Self::Withdrawn => "withdrawn",
            Self::Updated => "updated",
            Self::Commented => "commented",
        }
    }
}

/// A field of a ticket that an event can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The title.
    Title,
    /// The description.
    Description,
    /// The priority.
    Priority,
    /// The category.
    Category,
    /// The tags.
    Tags,
    /// The requester.
    Requester,
    /// The assignee.
    Assignee,
    /// The resolution.
    Resolution,
    /// The closed ticket this one continues.
    FollowUpOf,
}

impl Field {
    /// The fields whose texts are long: each text is stored once, in the entry that gave it, and a head says in which.
    pub const LONG_TEXTS: [Self; 2] = [Self::Description, Self::Resolution];

    /// Its name in answers and canonical bytes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Description => "description",
            Self::Priority => "priority",
            Self::Category => "category",
            Self::Tags => "tags",
            Self::Requester => "requester",
            Self::Assignee => "assignee",
            Self::Resolution => "resolution",
            Self::FollowUpOf => "follow_up_of",
        }
    }
}

/// The value of a field before or after a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FieldValue {
    /// A text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
    /// The number of a ticket.
    Ticket(TicketNumber),
    /// A person.
    Person(Person),
}

/// One field that an event changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Which field.
    pub field: Field,
    /// Its value before; none if it had none, or if it is a long text that was not filled in.
    pub old: Option<FieldValue>,
    /// Its value after; none if it has none any more.
    pub new: Option<FieldValue>,
    /// The `seq` of the entry that gave the field its old value, for long texts: they are stored once, there. Absent for every
    /// other field, and in entries that were written with the old text in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_seq: Option<u64>,
}

impl FieldChange {
    /// A change whose old and new values are both stored with it.
    #[must_use]
    pub const fn new(field: Field, old: Option<FieldValue>, new: Option<FieldValue>) -> Self {
        Self { field, old, new, old_seq: None }
    }

    /// The text it gave the field, if it gave it one.
    #[must_use]
    pub const fn new_text(&self) -> Option<&String> {
        match &self.new {
            Some(FieldValue::Text(text)) => Some(text),
            _ => None,
        }
    }
}

/// One entry of a ticket's log: an event, or a public comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// The ticket.
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
    /// The ticket.
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
            && Standing::of(&comment.actor, comment.requester_id, comment.assignee_id).only_asks()
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

    /// The hash its present content has. An entry that was stored without an old text has another one until it is filled in. It differs from [`LogEntry::hash`] if anything was changed after the fact.
    #[must_use]
    pub fn computed_hash(&self) -> Hash {
        let mut canonical = Canonical(Sha256::new());
        canonical.text("helpdesk-log-1");
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
        Hash(canonical.0.finalize().into())
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

    fn digest(&self, name: &str, text: &str) -> String {
        let mut sha = Sha256::new();
        sha.update(self.salt.as_bytes());
        sha.update(name.as_bytes());
        sha.update(b":");
        sha.update(text.as_bytes());
        hex(&sha.finalize())
    }
}

/// The field that the digest of a person's name stands for.
const NAME: &str = "name";

/// Canonical bytes on their way into SHA-256.
struct Canonical(Sha256);

impl Canonical {
    /// The length that stands for an absent field: no text is that long.
    const ABSENT: [u8; 4] = u32::MAX.to_be_bytes();

    fn bytes(&mut self, bytes: &[u8]) {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX - 1);
        self.0.update(length.to_be_bytes());
        self.0.update(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.0.update(Self::ABSENT),
        }
    }
}

#[cfg(test)]
mod tests;
